using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>Refuses plans that nobody has given leave for.</summary>
internal static class ScopeGate
{
    /// <summary>What to try where a scope has ended, or has not begun.</summary>
    public const string NotNow = "Scan within the time that the scope gives, or have it renewed by whoever gave leave.";

    private static readonly TimeSpan Longest = TimeSpan.FromDays(49);

    /// <summary>Throws where a plan without a scope has too many addresses of the public internet, or where its scope is not in force.</summary>
    public static void Demand(ScanPlan plan, ScanTargets targets, TimeProvider clock)
    {
        if (plan.Scope is { } scope)
        {
            if (scope.CheckTime(clock.GetUtcNow()) is { IsAllowed: false } decision)
                throw Refused(plan.Targets.ToString(), decision.Rule ?? "not now", NotNow);
            foreach (var name in plan.Targets.Names)
            {
                if (scope.CheckHost(name) is { IsAllowed: false } outside)
                    throw Refused(name, outside.Rule ?? "not allowed", "Scan what the scope names, or have it widened by whoever gave leave.");
            }
            return;
        }
        var isPublic = 0L;
        foreach (var block in targets.Blocks.Blocks)
        {
            for (var value = block.First; value <= block.Last && isPublic <= ScanPlan.PublicAddressesWithoutScope; value++)
            {
                if (SpecialUseAddresses.Find(new IPBits(value, block.IsIPv4).ToAddress()) is null)
                    isPublic++;
                else if (SkipTo(value, block) is { } beyond)
                    value = beyond;
                if (value == UInt128.MaxValue)
                    break;
            }
        }
        if (isPublic > ScanPlan.PublicAddressesWithoutScope)
            throw Refused(plan.Targets.ToString(), $"more than {ScanPlan.PublicAddressesWithoutScope} addresses of the public internet need a scope that says by whose leave they are scanned (ScanPlan.Scope)",
                "Say by whose leave (ScanPlan.Scope, --scope FILE), or scan fewer of them.");
    }

    /// <summary>Fires when a scope ends. One that lasts longer than the system's timers can wait for is watched from host to host alone.</summary>
    public static CancellationTokenSource Window(ScanScope? scope, TimeProvider clock) =>
        scope?.Until - clock.GetUtcNow() is { } left && left < Longest ? new CancellationTokenSource(left < TimeSpan.Zero ? TimeSpan.Zero : left, clock) : new CancellationTokenSource();

    public static PolicyException Refused(string whom, string rule, string? hint = null) => new(new NetworkFailure
    {
        Code = ErrorCodes.PolicyDenied,
        Message = $"This scan is refused for {Printable.Text(whom)}: {rule}.",
        Hint = hint,
        Phase = NetworkPhase.Policy,
        Endpoint = new Endpoint(Printable.Text(whom), 0),
    })
    { Rule = rule };

    /// <summary>The last address of the special-use range that an address lies in, where the block goes on behind it.</summary>
    private static UInt128? SkipTo(UInt128 value, AddressBlock block) =>
        SpecialUseTable.Find(new IPBits(value, block.IsIPv4)) is { } row && row.Range.Network.IsIPv4 == block.IsIPv4 ? UInt128.Min(row.Range.Last.Value, block.Last) : null;
}

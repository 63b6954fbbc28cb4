namespace Codomyrmex.Networking.Security;

/// <summary>The policy's answer.</summary>
/// <param name="IsAllowed">Whether the target may be reached.</param>
/// <param name="Rule">
/// The rule that decided, in words (<c>deny 10.0.0.0/8 (private use, RFC 1918)</c>); null where the preset allowed the target. Never
/// null for a denial.
/// </param>
public readonly record struct PolicyDecision(bool IsAllowed, string? Rule)
{
    /// <summary>Allowed, no rule involved.</summary>
    public static PolicyDecision Allowed => new(true, null);

    internal static PolicyDecision Denied(string rule) => new(false, rule);
}

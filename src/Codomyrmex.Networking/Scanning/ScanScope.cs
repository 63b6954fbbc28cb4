using System.Globalization;
using System.Net;
using Codomyrmex.Networking.Scanning.Internal;
using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Scanning;

/// <summary>
/// What somebody is entitled to scan: hosts, ports and a time. What is outside is refused before anything is sent, with the rule that
/// refuses it. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// A name that a rule allows may resolve to any address that no rule denies; a name that no rule mentions may be scanned where its addresses are in
/// scope. The scope stands beside the egress policy of the transport: both must allow a target.
/// </remarks>
public sealed record ScanScope
{
    private readonly IReadOnlyList<EgressRule> _allow = [];
    private readonly IReadOnlyList<EgressRule> _deny = [];
    private EgressPolicy? _policy;

    /// <summary>What the scope is called: an engagement, a ticket. The default value is empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>What may be scanned; nothing else may. The default value is empty: nothing.</summary>
    public IReadOnlyList<EgressRule> Allow
    {
        get => _allow;
        init => (_allow, _policy) = (value, null);
    }

    /// <summary>What may not be scanned, whatever <see cref="Allow"/> says. The default value is empty.</summary>
    public IReadOnlyList<EgressRule> Deny
    {
        get => _deny;
        init => (_deny, _policy) = (value, null);
    }

    /// <summary>The only ports that may be scanned; a rule may name fewer for its hosts. The default value is null: all.</summary>
    public PortSet? Ports { get; init; }

    /// <summary>When the scope begins. The default value is null: it has begun.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>When the scope ends; nothing is sent from this moment on. The default value is null: it does not.</summary>
    public DateTimeOffset? Until { get; init; }

    private EgressPolicy Policy => _policy ??= EgressPolicy.Nothing.Allowing([.. Allow.Select(static rule => rule.ToString())]).Denying([.. Deny.Select(static rule => rule.ToString())]);

    /// <summary>A scope of hosts alone.</summary>
    /// <param name="allow">What may be scanned; see <see cref="EgressRule"/> for the syntax.</param>
    /// <exception cref="FormatException">A rule is malformed; the message names it.</exception>
    public static ScanScope Of(params IEnumerable<string> allow)
    {
        ArgumentNullException.ThrowIfNull(allow);
        return new ScanScope { Allow = [.. allow.Select(EgressRule.Parse)] };
    }

    /// <summary>
    /// Reads a scope file: <c>{ "name": "…", "allow": ["RULE", …], "deny": ["RULE", …], "ports": "1-1024,u:53", "from": "2026-11-01", "until": "2026-12-01T18:00Z" }</c>.
    /// "allow" is required; a rule is that of an <see cref="EgressRule"/> without a scheme; a date without a time is midnight UTC, and one
    /// without a zone is UTC. Comments are allowed, unknown and repeated properties are not.
    /// </summary>
    /// <param name="json">The text, 1 Mi characters at most.</param>
    /// <exception cref="FormatException">The text is no scope; the message names the property or rule that is wrong.</exception>
    public static ScanScope Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return ScopeFile.Parse(json);
    }

    /// <summary>Whether the scope is in force.</summary>
    /// <param name="now">The time.</param>
    public PolicyDecision CheckTime(DateTimeOffset now)
    {
        if (now < From)
            return PolicyDecision.Denied(string.Create(CultureInfo.InvariantCulture, $"{Title} begins on {From:u}"));
        return now >= Until ? PolicyDecision.Denied(string.Create(CultureInfo.InvariantCulture, $"{Title} ended on {Until:u}")) : PolicyDecision.Allowed;
    }

    /// <summary>Whether a host may be in scope, as it was written, before its name is resolved.</summary>
    /// <param name="host">The name or address.</param>
    public PolicyDecision CheckHost(string host)
    {
        ArgumentNullException.ThrowIfNull(host);
        // A rule may allow some ports alone; which, is asked about each address.
        return Policy.AllowRules.Any(static rule => rule.Ports is not null) ? PolicyDecision.Allowed : Told(Policy.CheckTarget(null, host, 0));
    }

    /// <summary>Whether an address may be scanned at every one of some ports; the answer names the first that may not.</summary>
    /// <param name="host">The host that the address belongs to, as it was written; the address itself where there is no name.</param>
    /// <param name="address">The address.</param>
    /// <param name="ports">The ports.</param>
    public PolicyDecision CheckAddress(string host, IPAddress address, PortSet ports)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(ports);
        if (Ports is { } scope && ports.Without(scope) is { Count: > 0 } beyond)
            return PolicyDecision.Denied($"{Title} has the ports {scope} alone, not {beyond}");
        // One port stands for all where no rule tells them apart.
        var hasPorts = Allow.Concat(Deny).Any(static rule => rule.Ports is not null);
        foreach (var list in (PortList[])[ports.Tcp, ports.Udp])
        {
            foreach (var port in list)
            {
                var decision = Policy.CheckAddress(null, host, address, port);
                if (!decision.IsAllowed)
                    return hasPorts ? PolicyDecision.Denied(string.Create(CultureInfo.InvariantCulture, $"{Told(decision).Rule} (port {port})")) : Told(decision);
                if (!hasPorts)
                    return PolicyDecision.Allowed;
            }
        }
        return PolicyDecision.Allowed;
    }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        foreach (var rule in Allow.Concat(Deny))
        {
            if (rule.Scheme is not null)
                throw new ArgumentException($"ScanScope: the rule '{rule}' has a scheme, which a port that is scanned has not.");
        }
        if (Until <= From)
            throw new ArgumentException("ScanScope.Until: it ends before it begins.", nameof(Until));
    }

    /// <inheritdoc/>
    public bool Equals(ScanScope? other) => other is not null && Name == other.Name && Allow.SequenceEqual(other.Allow) && Deny.SequenceEqual(other.Deny) &&
        Equals(Ports, other.Ports) && From == other.From && Until == other.Until;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Policy, Ports, From, Until);

    private string Title => Name.Length == 0 ? "the scope" : $"the scope '{Printable.Text(Name, 60)}'";

    private PolicyDecision Told(PolicyDecision decision) => decision.IsAllowed ? decision : PolicyDecision.Denied($"{Title}: {decision.Rule}");
}

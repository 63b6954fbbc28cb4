
namespace Codomyrmex.Networking.Security;

/// <summary>One question to a policy, and the whole of how it is answered.</summary>
internal readonly ref struct EgressQuestion(EgressPolicy policy, HostText host, int port)
{
    private readonly HostText _host = host;

    public string? Scheme { get; init; }

    /// <summary>Whether the scheme is not at hand; each rule with one is then read in the way that allows less.</summary>
    public bool IsSchemeUnknown { get; init; }

    /// <summary>The answer for the host as written.</summary>
    public PolicyDecision AskAboutTarget()
    {
        if (Invalid() is { } problem)
            return PolicyDecision.Denied(problem);
        if (_host.IsAddress)
            return Decide(_host.Address);
        if (DeniedByHost() is { } denial)
            return PolicyDecision.Denied(denial);
        if (AllowedByHost() is { } allow)
            return new PolicyDecision(true, allow.AllowText);
        return policy.Preset != EgressPreset.Nothing || MayResolveIntoAllowedRange() ? PolicyDecision.Allowed : OnlyTheRules;
    }

    /// <summary>The answer for an address of the host.</summary>
    public PolicyDecision AskAboutAddress(IPBits address) =>
        Invalid() is { } problem ? PolicyDecision.Denied(problem) : Decide(address);

    private static PolicyDecision OnlyTheRules => PolicyDecision.Denied("nothing is allowed but the rules");

    /// <summary>What no rule can make good.</summary>
    private string? Invalid()
    {
        if (_host.Problem is { } problem)
            return "invalid host: it " + problem;
        if (port is < 0 or > 65535)
            return "invalid port: it is not from 0 to 65535";
        if (policy.Schemes.IsEmpty || IsSchemeUnknown || IsAllowedScheme())
            return null;
        return "only these schemes are allowed: " + string.Join(", ", policy.AllowedSchemes);
    }

    private bool IsAllowedScheme()
    {
        foreach (var allowed in policy.Schemes)
        {
            if (allowed.Equals(Scheme, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>Explicit deny, explicit allow, preset, in this order.</summary>
    private PolicyDecision Decide(IPBits address)
    {
        if ((DeniedByHost() ?? DeniedByAddress(address)) is { } denial)
            return PolicyDecision.Denied(denial);
        var plain = address.Unmapped;
        if (AllowedByHost() is { } named)
            return new PolicyDecision(true, named.AllowText);
        var allow = AllowedByAddress(plain);
        if (policy.Preset == EgressPreset.PublicInternetOnly && NotPublic(plain, allow is not null) is { } reason)
            return PolicyDecision.Denied("public internet only: " + reason);
        if (allow is not null)
            return new PolicyDecision(true, allow.AllowText);
        return policy.Preset == EgressPreset.Nothing ? OnlyTheRules : PolicyDecision.Allowed;
    }

    private string? DeniedByHost()
    {
        foreach (var rule in policy.Deny)
        {
            // With the scheme unknown, CheckTarget, which knew it, has judged the name already.
            if (rule.CoversPort(port) && (IsSchemeUnknown ? rule.Scheme is null : rule.CoversScheme(Scheme)) && rule.CoversHost(_host))
                return rule.DenyText();
        }
        return null;
    }

    private string? DeniedByAddress(IPBits address)
    {
        foreach (var rule in policy.Deny)
        {
            if (!rule.IsAboutAddresses || !rule.CoversPort(port) || !(IsSchemeUnknown || rule.CoversScheme(Scheme)))
                continue;
            if (rule.CoversAddress(address))
                return rule.DenyText();
            var cursor = 0;
            while (EmbeddedIPv4.TryNext(address, ref cursor, out var inner, out var how))
            {
                if (rule.CoversAddress(inner))
                    return $"{rule.DenyText()}, inside the {how.Name} address {address}";
            }
        }
        return null;
    }

    private EgressRule? AllowedByHost()
    {
        foreach (var rule in policy.Allow)
        {
            if (rule.CoversPort(port) && AllowsScheme(rule) && rule.CoversHost(_host))
                return rule;
        }
        return null;
    }

    private EgressRule? AllowedByAddress(IPBits address)
    {
        foreach (var rule in policy.Allow)
        {
            if (rule.CoversPort(port) && AllowsScheme(rule) && rule.CoversAddress(address))
                return rule;
        }
        return null;
    }

    private bool AllowsScheme(EgressRule rule) => IsSchemeUnknown ? rule.Scheme is null : rule.CoversScheme(Scheme);

    /// <summary>
    /// Why the address is not a public one. What it embeds must be public or allowed in its own right, even if it is allowed itself.
    /// </summary>
    private string? NotPublic(IPBits address, bool isAllowed)
    {
        if (!isAllowed && SpecialUseTable.FindNonPublic(address) is { } range)
            return range.ToString();
        var cursor = 0;
        while (EmbeddedIPv4.TryNext(address, ref cursor, out var inner, out var how))
        {
            if (SpecialUseTable.FindNonPublic(inner) is { } innerRange && AllowedByAddress(inner) is null)
                return $"{innerRange}, inside the {how.Name} address {address}";
        }
        return null;
    }

    /// <summary>Whether a name can turn out to be allowed once it is resolved.</summary>
    private bool MayResolveIntoAllowedRange()
    {
        foreach (var rule in policy.Allow)
        {
            if (rule.IsAboutAddresses && rule.CoversPort(port) && rule.CoversScheme(Scheme))
                return true;
        }
        return false;
    }
}

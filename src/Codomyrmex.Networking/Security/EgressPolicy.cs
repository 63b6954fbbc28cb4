using System.Net;

namespace Codomyrmex.Networking.Security;

/// <summary>
/// Where connections may go, for every protocol alike: a preset and rules. An explicit denial beats an explicit permission, which
/// beats the preset. Immutable, safe to share between threads; two policies are equal when preset, rules and schemes are.
/// </summary>
/// <remarks>
/// A target is asked about twice: as written, before any name is resolved (<c>CheckTarget</c>), and at each address that it resolved to,
/// right before the connection is made to that very address (<c>CheckAddress</c>). Only both answers together allow it.
/// </remarks>
public sealed record EgressPolicy
{
    private readonly EgressRule[] _allow;
    private readonly EgressRule[] _deny;
    private readonly string[] _schemes;
    private readonly EgressPolicy? _also;
    private readonly int _hash;

    private EgressPolicy(EgressPreset preset, EgressRule[] allow, EgressRule[] deny, string[] schemes, EgressPolicy? also = null)
    {
        Preset = preset;
        _allow = allow;
        _deny = deny;
        _schemes = schemes;
        _also = also;
        IsRestrictive = preset != EgressPreset.Unrestricted || Array.Exists(deny, static rule => rule.IsAboutAddresses) || also?.IsRestrictive == true;
        IsOpen = preset == EgressPreset.Unrestricted && allow.Length + deny.Length + schemes.Length == 0 && also is null;
        // The policy is part of a connection pool's key, so its hash is asked for with every request.
        var hash = new HashCode();
        hash.Add(preset);
        hash.Add(allow.Length);
        foreach (var part in (object[])[.. allow, .. deny, .. schemes])
            hash.Add(part);
        if (also is not null)
            hash.Add(also._hash);
        _hash = hash.ToHashCode();
    }

    /// <summary>Anywhere, hosts unchecked. With rules added, only what they deny is denied.</summary>
    public static EgressPolicy Unrestricted { get; } = new(EgressPreset.Unrestricted, [], [], []);

    /// <summary>
    /// Only ordinary addresses of the public internet: none of <see cref="SpecialUseAddresses"/>, be it written in any spelling or
    /// embedded in an IPv6 address. For programs that open URLs which others choose.
    /// </summary>
    public static EgressPolicy PublicInternetOnly { get; } = new(EgressPreset.PublicInternetOnly, [], [], []);

    /// <summary>Nothing but what an allow rule names.</summary>
    public static EgressPolicy Nothing { get; } = new(EgressPreset.Nothing, [], [], []);

    /// <summary>What is said about targets that no rule mentions.</summary>
    public EgressPreset Preset { get; }

    /// <summary>The rules that allow, in the order given.</summary>
    public IReadOnlyList<EgressRule> AllowRules => Array.AsReadOnly(_allow);

    /// <summary>The rules that deny, in the order given.</summary>
    public IReadOnlyList<EgressRule> DenyRules => Array.AsReadOnly(_deny);

    /// <summary>The only URL schemes allowed, in lower case; empty allows all, and targets without a scheme too.</summary>
    public IReadOnlyList<string> AllowedSchemes => Array.AsReadOnly(_schemes);

    /// <summary>
    /// Whether an address may be denied. If so, resolving names must not be left to a proxy unless the caller trusts it to: the policy
    /// would never see the address.
    /// </summary>
    public bool IsRestrictive { get; }

    internal bool IsOpen { get; }

    internal ReadOnlySpan<EgressRule> Allow => _allow;

    internal ReadOnlySpan<EgressRule> Deny => _deny;

    internal ReadOnlySpan<string> Schemes => _schemes;

    /// <summary>A preset by its name: <c>unrestricted</c>, <c>public-only</c> or <c>nothing</c>.</summary>
    /// <param name="name">The name, in lower case.</param>
    /// <exception cref="FormatException">There is no such preset.</exception>
    public static EgressPolicy FromName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name switch
        {
            "unrestricted" => Unrestricted,
            "public-only" => PublicInternetOnly,
            "nothing" => Nothing,
            _ => throw new FormatException($"'{Printable.Text(name)}' is no egress policy; choose unrestricted, public-only or nothing."),
        };
    }

    /// <summary>
    /// Reads a policy file: <c>{ "preset": "unrestricted|public-only|nothing", "allow": ["RULE", …], "deny": ["RULE", …],
    /// "schemes": ["https", …] }</c>. The preset is required; comments are allowed, unknown and repeated properties are not.
    /// </summary>
    /// <param name="json">The text, 1 Mi characters at most.</param>
    /// <exception cref="FormatException">The text is no policy; the message names the property or rule that is wrong.</exception>
    public static EgressPolicy Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        return PolicyFile.Parse(json);
    }

    /// <summary>This policy with more rules that allow. An allowed name may resolve to any address which no rule denies.</summary>
    /// <param name="rules">The rules; see <see cref="EgressRule"/> for the syntax.</param>
    /// <exception cref="FormatException">A rule is malformed; the message names it.</exception>
    public EgressPolicy Allowing(params string[] rules) => new(Preset, Join(_allow, rules), _deny, _schemes, _also);

    /// <summary>This policy with more rules that deny. They beat every rule that allows.</summary>
    /// <param name="rules">The rules; see <see cref="EgressRule"/> for the syntax.</param>
    /// <exception cref="FormatException">A rule is malformed; the message names it.</exception>
    public EgressPolicy Denying(params string[] rules) => new(Preset, _allow, Join(_deny, rules), _schemes, _also);

    /// <summary>This policy limited to URL schemes, in place of earlier limits. Targets without a scheme are denied then.</summary>
    /// <param name="schemes">The schemes, at least one (<c>https</c>, <c>wss</c>).</param>
    /// <exception cref="FormatException">There is none, or one is malformed.</exception>
    public EgressPolicy WithSchemes(params string[] schemes)
    {
        ArgumentNullException.ThrowIfNull(schemes);
        if (schemes.Length == 0)
            throw new FormatException("The list of schemes is empty.");
        var canonical = Array.ConvertAll(schemes, static scheme => SchemeName.Canonical(scheme) ??
            throw new FormatException($"'{Printable.Text(scheme)}' is not a URL scheme (RFC 3986)."));
        return new(Preset, _allow, _deny, [.. canonical.Distinct().Order(StringComparer.Ordinal)], _also);
    }

    /// <summary>What this policy and another one both allow.</summary>
    internal EgressPolicy And(EgressPolicy other) =>
        other.IsOpen ? this : IsOpen ? other : new(Preset, _allow, _deny, _schemes, _also is null ? other : _also.And(other));

    /// <summary>Asks about a target as the caller wrote it, before any name is resolved.</summary>
    /// <remarks>
    /// An address in any spelling (<c>127.1</c>, <c>0x7f000001</c>, <c>2130706433</c>, <c>[::ffff:7f00:1]</c>) is judged as that address.
    /// A name that no rule mentions passes where its addresses can still be judged. Malformed hosts are denied, except by
    /// <see cref="Unrestricted"/>.
    /// </remarks>
    /// <param name="scheme">The URL scheme, or null outside URLs; rules with a scheme do not apply then.</param>
    /// <param name="host">The host name or address, with or without brackets and zone id.</param>
    /// <param name="port">The port; 0 where the protocol has none, which rules with ports do not cover.</param>
    public PolicyDecision CheckTarget(string? scheme, string host, int port)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (IsOpen)
            return PolicyDecision.Allowed;
        var decision = new EgressQuestion(this, HostText.Parse(host), port) { Scheme = scheme }.AskAboutTarget();
        return _also is not null && decision.IsAllowed ? _also.CheckTarget(scheme, host, port) : decision;
    }

    /// <summary>
    /// Asks about an address that a host resolved to, where the scheme is not at hand. <see cref="CheckTarget"/> must have allowed the
    /// host before. To be safe, allow rules with a scheme do not count, and deny rules with one and a range of addresses always do.
    /// </summary>
    /// <param name="host">The host it belongs to.</param>
    /// <param name="address">The address; a zone id is ignored.</param>
    /// <param name="port">The port; 0 where the protocol has none.</param>
    public PolicyDecision CheckAddress(string host, IPAddress address, int port)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(address);
        if (IsOpen)
            return PolicyDecision.Allowed;
        var decision = new EgressQuestion(this, HostText.Parse(host), port) { IsSchemeUnknown = true }.AskAboutAddress(IPBits.From(address));
        return _also is not null && decision.IsAllowed ? _also.CheckAddress(host, address, port) : decision;
    }

    /// <summary>Asks about an address that a host resolved to.</summary>
    /// <param name="scheme">The URL scheme, or null outside URLs; rules with a scheme do not apply then.</param>
    /// <param name="host">The host it belongs to.</param>
    /// <param name="address">The address; a zone id is ignored.</param>
    /// <param name="port">The port; 0 where the protocol has none.</param>
    public PolicyDecision CheckAddress(string? scheme, string host, IPAddress address, int port)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(address);
        if (IsOpen)
            return PolicyDecision.Allowed;
        var decision = new EgressQuestion(this, HostText.Parse(host), port) { Scheme = scheme }.AskAboutAddress(IPBits.From(address));
        return _also is not null && decision.IsAllowed ? _also.CheckAddress(scheme, host, address, port) : decision;
    }

    /// <inheritdoc/>
    public bool Equals(EgressPolicy? other)
    {
        if (ReferenceEquals(this, other))
            return true;
        return other is not null && _hash == other._hash && Preset == other.Preset && _allow.AsSpan().SequenceEqual(other._allow) &&
               _deny.AsSpan().SequenceEqual(other._deny) && _schemes.AsSpan().SequenceEqual(other._schemes) && Equals(_also, other._also);
    }

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <summary>The policy in words: <c>public-only, allow 10.0.0.0/8, deny *:22, schemes https</c>.</summary>
    public override string ToString()
    {
        var name = Preset switch
        {
            EgressPreset.Unrestricted => "unrestricted",
            EgressPreset.PublicInternetOnly => "public-only",
            _ => "nothing",
        };
        return string.Concat([name, .. _allow.Select(rule => ", allow " + rule), .. _deny.Select(rule => ", deny " + rule),
            _schemes.Length == 0 ? "" : ", schemes " + string.Join(' ', _schemes),
            _also is null ? "" : "; and " + _also]);
    }

    private static EgressRule[] Join(EgressRule[] present, string[] rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        return [.. present.Union(rules.Select(EgressRule.Parse))];
    }
}

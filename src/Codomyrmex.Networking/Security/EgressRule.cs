using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Codomyrmex.Networking.Security;

/// <summary>
/// One rule of an <see cref="EgressPolicy"/>: a host name, a name pattern or a range of addresses, with ports and a URL scheme where
/// wanted. Immutable; two rules are equal when they say the same.
/// </summary>
/// <remarks>
/// <para>Syntax: <c>[SCHEME://]HOST|CIDR[:PORTS]</c>.</para>
/// <list type="bullet">
/// <item><c>example.com</c>: that name, in any letter case, with or without a trailing dot.</item>
/// <item><c>*.example.com</c>: every name below it, at any depth; <c>.example.com</c>: the name and every name below it.</item>
/// <item><c>*</c>: every target, private addresses too.</item>
/// <item><c>10.0.0.0/8</c>, <c>2001:db8::/32</c>, <c>[2001:db8::]/32</c>, <c>192.0.2.7</c>, <c>[::1]</c>: addresses (RFC 4632).</item>
/// <item><c>:80,443,8000-8100</c>: only these ports, 1 to 65535; an IPv6 address needs brackets or a prefix length before them.</item>
/// <item><c>https://</c>: only targets of that scheme; it implies no port.</item>
/// </list>
/// </remarks>
public sealed class EgressRule : IEquatable<EgressRule>
{
    private readonly string _text;
    private readonly Cidr? _range;
    private readonly PortSet? _ports;

    internal EgressRule(string? scheme, string? host, Cidr? range, PortSet? ports)
    {
        Scheme = scheme;
        Host = host;
        _range = range;
        _ports = ports;
        var target = host ?? (range is { Network.IsIPv4: false } v6 ? $"[{v6.Network}]/{v6.PrefixLength}" : range.ToString());
        _text = (scheme is null ? "" : scheme + "://") + target + (ports is null ? "" : ":" + ports);
        AllowText = "allow " + _text;
    }

    /// <summary>The URL scheme that the rule is limited to, in lower case; null for all.</summary>
    public string? Scheme { get; }

    /// <summary>The host name or pattern in lower-case ASCII; null where the rule is about addresses.</summary>
    public string? Host { get; }

    /// <summary>The range of addresses; null where the rule is about names.</summary>
    public IPNetwork? Network => _range?.ToNetwork();

    /// <summary>The ports as in the syntax, sorted and merged (<c>80,443,8000-8100</c>); null for all.</summary>
    public string? Ports => _ports?.ToString();

    internal string AllowText { get; }

    internal bool IsAboutAddresses => _range is not null;

    /// <summary>Reads a rule.</summary>
    /// <param name="text">The rule; see the remarks of this class.</param>
    /// <exception cref="FormatException">The text is no rule; the message names the part that is wrong.</exception>
    public static EgressRule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return EgressRuleText.Parse(text, out var problem) ?? throw new FormatException(problem);
    }

    /// <summary>Reads a rule.</summary>
    /// <param name="text">The rule; see the remarks of this class.</param>
    /// <param name="rule">The rule read; null where the answer is false.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out EgressRule? rule)
    {
        rule = text is null ? null : EgressRuleText.Parse(text, out _);
        return rule is not null;
    }

    internal bool CoversPort(int port) => _ports is null || _ports.Contains(port);

    internal bool CoversScheme(string? scheme) => Scheme is null || Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase);

    internal bool CoversAddress(IPBits address) => _range is { } range && range.Contains(address);

    internal bool CoversHost(in HostText host)
    {
        if (Host is null)
            return false;
        if (Host == "*")
            return true;
        if (host.IsAddress)
            return false;
        return Host[0] switch
        {
            '*' => host.Name.Length >= Host.Length && host.Name.EndsWith(Host.AsSpan(1), StringComparison.OrdinalIgnoreCase),
            '.' => host.Name.EndsWith(Host, StringComparison.OrdinalIgnoreCase) ||
                   host.Name.Equals(Host.AsSpan(1), StringComparison.OrdinalIgnoreCase),
            _ => host.Name.Equals(Host, StringComparison.OrdinalIgnoreCase),
        };
    }

    /// <summary>The denial in words, with what the range is known for.</summary>
    internal string DenyText()
    {
        var known = _range is { } range ? SpecialUseTable.FindContaining(range) : null;
        return known is null ? "deny " + _text : $"deny {_text} ({known.Label})";
    }

    /// <summary>The rule in its canonical spelling, which <see cref="Parse"/> reads back to an equal rule.</summary>
    public override string ToString() => _text;

    /// <inheritdoc/>
    public bool Equals(EgressRule? other) => other is not null && _text == other._text;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as EgressRule);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_text);
}

using System.Globalization;

namespace Codomyrmex.Networking.Security;

/// <summary>Reads the rule syntax that <see cref="EgressRule"/> documents.</summary>
internal static class EgressRuleText
{
    private const int Longest = 2048;

    /// <summary>The rule, or null and the reason as a whole sentence.</summary>
    public static EgressRule? Parse(string text, out string problem)
    {
        if (text.Length > Longest)
        {
            problem = $"Invalid egress rule: it is longer than {Longest} characters.";
            return null;
        }
        var rule = Read(text, out var reason);
        problem = rule is null ? $"Invalid egress rule '{Printable.Text(text)}': {reason}." : "";
        return rule;
    }

    private static EgressRule? Read(ReadOnlySpan<char> text, out string problem)
    {
        string? scheme = null;
        var colon = text.IndexOf("://", StringComparison.Ordinal);
        if (colon >= 0)
        {
            scheme = SchemeName.Canonical(text[..colon]);
            if (scheme is null)
            {
                problem = $"'{Printable.Text(text[..colon])}' is not a scheme";
                return null;
            }
            text = text[(colon + 3)..];
        }
        if (text.IsEmpty)
        {
            problem = "the host is missing";
            return null;
        }
        var slash = text.IndexOf('/');
        if (slash >= 0)
            return ReadRange(scheme, text[..slash], text[(slash + 1)..], out problem);
        return text[0] == '[' || text.Count(':') > 1 ? ReadIPv6(scheme, text, out problem) : ReadHost(scheme, text, out problem);
    }

    private static EgressRule? ReadRange(string? scheme, ReadOnlySpan<char> network, ReadOnlySpan<char> rest, out string problem)
    {
        if (ReadAddress(network, out problem) is not { } address)
            return null;
        var colon = rest.IndexOf(':');
        var length = colon < 0 ? rest : rest[..colon];
        if (length.Length > 3 || (length.Length > 1 && length[0] == '0') ||
            !int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) || bits > address.Length)
        {
            problem = $"'/{Printable.Text(length)}' is not a prefix length from 0 to {address.Length}";
            return null;
        }
        var range = new Cidr(address, bits);
        if (range.Network != address)
        {
            problem = $"{address}/{bits} has bits beyond its prefix; the range is {range}";
            return null;
        }
        return Make(scheme, null, Plain(range), colon < 0 ? default : rest[colon..], out problem);
    }

    private static EgressRule? ReadIPv6(string? scheme, ReadOnlySpan<char> text, out string problem)
    {
        var end = text[0] == '[' ? text.IndexOf(']') + 1 : text.Length;
        if (ReadAddress(text[..end], out problem) is not { } address)
            return null;
        return Make(scheme, null, Plain(new Cidr(address, address.Length)), text[end..], out problem);
    }

    private static EgressRule? ReadHost(string? scheme, ReadOnlySpan<char> text, out string problem)
    {
        var colon = text.IndexOf(':');
        var host = colon < 0 ? text : text[..colon];
        var ports = colon < 0 ? default : text[colon..];
        if (host is "*")
            return Make(scheme, "*", null, ports, out problem);
        if (IPv4Text.TryParseStrict(host, out var v4))
            return Make(scheme, null, new Cidr(IPBits.IPv4(v4), 32), ports, out problem);
        var prefix = host.StartsWith("*.") ? "*." : host.StartsWith('.') ? "." : "";
        var name = HostText.Parse(host[prefix.Length..].ToString());
        problem = name.Problem is { } bad ? $"the host '{Printable.Text(host)}' {bad}"
            : name.IsAddress ? $"'{Printable.Text(host)}' is an odd spelling of the address {name.Address}"
            : "";
        return problem.Length > 0 ? null : Make(scheme, prefix + name.Name.ToString().ToLowerInvariant(), null, ports, out problem);
    }

    /// <summary>An address in the spelling that everybody reads alike; brackets only around IPv6, no zone.</summary>
    private static IPBits? ReadAddress(ReadOnlySpan<char> text, out string problem)
    {
        problem = "";
        if (IPv4Text.TryParseStrict(text, out var v4))
            return IPBits.IPv4(v4);
        if (!text.Contains('%') && text.Contains(':') && HostText.Parse(text.ToString()) is { IsAddress: true } v6)
            return v6.Address;
        problem = $"'{Printable.Text(text)}' is not an IP address; names take no prefix length or path, addresses no zone";
        return null;
    }

    private static EgressRule? Make(string? scheme, string? host, Cidr? range, ReadOnlySpan<char> ports, out string problem)
    {
        problem = "";
        if (ports.IsEmpty)
            return new EgressRule(scheme, host, range, null);
        if (ports[0] != ':')
        {
            problem = $"'{Printable.Text(ports)}' after the address is not understood";
            return null;
        }
        var set = PortSet.Parse(ports[1..], out problem);
        problem = Printable.Text(problem);
        return set is null ? null : new EgressRule(scheme, host, range, set);
    }

    /// <summary>A range inside ::ffff:0:0/96 is the IPv4 range it maps, because the addresses are (RFC 4291, section 2.5.5.2).</summary>
    private static Cidr Plain(Cidr range)
    {
        var inner = range.Network.Unmapped;
        return inner.IsIPv4 && !range.Network.IsIPv4 && range.PrefixLength >= 96 ? new Cidr(inner, range.PrefixLength - 96) : range;
    }
}

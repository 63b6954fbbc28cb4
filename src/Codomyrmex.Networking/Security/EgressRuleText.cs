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
        return Make(scheme, null, range.Unmapped, colon < 0 ? default : rest[colon..], out problem);
    }

    private static EgressRule? ReadIPv6(string? scheme, ReadOnlySpan<char> text, out string problem)
    {
        var end = text[0] == '[' ? text.IndexOf(']') + 1 : text.Length;
        if (ReadAddress(text[..end], out problem) is not { } address)
            return null;
        return Make(scheme, null, new Cidr(address, address.Length).Unmapped, text[end..], out problem);
    }

    private static EgressRule? ReadHost(string? scheme, ReadOnlySpan<char> text, out string problem)
    {
        var colon = text.IndexOf(':');
        var host = colon < 0 ? text : text[..colon];
        var ports = colon < 0 ? default : text[colon..];
        if (host is "*")
            return Make(scheme, "*", null, ports, out problem);
        var prefix = host.StartsWith("*.") ? "*." : host.StartsWith('.') ? "." : "";
        var read = HostText.ParseStrict(host[prefix.Length..]);
        if (read.Problem is null && read.IsAddress && prefix.Length == 0)
            return Make(scheme, null, new Cidr(read.Address, 32), ports, out problem);
        problem = $"the host '{Printable.Text(host)}' {read.Problem ?? "is an address, which has no names below it"}";
        return read.Problem is null && !read.IsAddress ? Make(scheme, prefix + read.Canonical(), null, ports, out problem) : null;
    }

    /// <summary>An address in the spelling that everybody reads alike; brackets only around IPv6, no zone.</summary>
    private static IPBits? ReadAddress(ReadOnlySpan<char> text, out string problem)
    {
        problem = "";
        if (HostText.ParseStrict(text) is { IsAddress: true, Zone.IsEmpty: true } host)
            return host.Address;
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
}

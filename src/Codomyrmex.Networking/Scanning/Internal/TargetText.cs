using System.Globalization;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>Reads one target: a name, an address, a network, a range of addresses.</summary>
internal static class TargetText
{
    /// <summary>Reads a target; exactly one of the three results is not null.</summary>
    /// <param name="text">The target.</param>
    /// <param name="block">The addresses, where it is about such.</param>
    /// <param name="problem">Why it is none, in words that end the sentence "'…' …".</param>
    /// <returns>The name in its one spelling, or the address with its zone, where it has to be resolved.</returns>
    public static string? Read(ReadOnlySpan<char> text, out AddressBlock? block, out string? problem)
    {
        (block, problem) = (null, null);
        if (text.Contains("://", StringComparison.Ordinal))
        {
            problem = "is a URL: pass its host alone, and the ports separately";
            return null;
        }
        var slash = text.IndexOf('/');
        if (slash >= 0)
        {
            block = Network(text[..slash], text[(slash + 1)..], out problem);
            return null;
        }
        var dash = text.IndexOf('-');
        if (dash > 0 && HostText.ParseStrict(text[..dash]) is { IsAddress: true, Zone.IsEmpty: true } first)
        {
            block = Range(first.Address, text[(dash + 1)..], out problem);
            return null;
        }
        var host = HostText.ParseStrict(text);
        if (host.Problem is { } reason)
        {
            var colon = text.LastIndexOf(':');
            problem = colon > 0 && HostText.ParseStrict(text[..colon]).Problem is null ? "has a port: pass the ports separately" : reason;
            return null;
        }
        // A zone chooses a link, which a number has no room for.
        if (!host.IsAddress || !host.Zone.IsEmpty)
            return host.Canonical();
        block = AddressBlock.Of(host.Address.Unmapped, host.Address.Unmapped);
        return null;
    }

    private static AddressBlock? Network(ReadOnlySpan<char> address, ReadOnlySpan<char> length, out string? problem)
    {
        problem = null;
        if (HostText.ParseStrict(address) is not { IsAddress: true, Zone.IsEmpty: true } host)
        {
            problem = "has a prefix length behind what is no IP address";
            return null;
        }
        if (length.Length is 0 or > 3 || (length.Length > 1 && length[0] == '0') ||
            !int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) || bits > host.Address.Length)
        {
            problem = $"has no prefix length from 0 to {host.Address.Length} behind its slash";
            return null;
        }
        var range = new Security.Cidr(host.Address, bits).Unmapped;
        return AddressBlock.Of(range.First, range.Last);
    }

    private static AddressBlock? Range(IPBits first, ReadOnlySpan<char> text, out string? problem)
    {
        problem = null;
        IPBits last;
        if (text.Length <= 3 && first.IsIPv4 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var octet) && octet <= 255)
            last = first with { Value = (first.Value & 0xFFFF_FF00) | (uint)octet };
        else if (HostText.ParseStrict(text) is { IsAddress: true, Zone.IsEmpty: true } host)
            last = host.Address;
        else
        {
            problem = first.IsIPv4 ? "ends in neither an IPv4 address nor a last octet from 0 to 255" : "does not end in an IPv6 address";
            return null;
        }
        (first, last) = (first.Unmapped, last.Unmapped);
        if (first.IsIPv4 != last.IsIPv4)
            problem = "goes from one family of addresses to the other";
        else if (last.Value < first.Value)
            problem = "ends before it starts";
        return problem is null ? AddressBlock.Of(first, last) : null;
    }
}

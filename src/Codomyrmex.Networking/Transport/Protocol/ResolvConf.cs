using System.Net;

namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>The name servers in a resolv.conf (see resolv.conf(5)).</summary>
internal static class ResolvConf
{
    // What the C library reads too.
    private const int MaxServers = 3;

    /// <summary>The servers in their order; the local machine where none is named, as resolv.conf(5) has it.</summary>
    internal static IReadOnlyList<IPAddress> ReadServers(string text)
    {
        var servers = new List<IPAddress>();
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var words = line.Trim();
            if (servers.Count == MaxServers || !words.StartsWith("nameserver", StringComparison.Ordinal))
                continue;
            words = words["nameserver".Length..];
            if (words.IsEmpty || !char.IsWhiteSpace(words[0]))
                continue;
            words = words.Trim();
            var end = words.IndexOfAny(" \t#;");
            if (HostText.ParseStrict(end < 0 ? words : words[..end]) is { IsAddress: true } server)
                servers.Add(server.ToAddress());
        }
        return servers.Count > 0 ? servers : [IPAddress.Loopback];
    }
}

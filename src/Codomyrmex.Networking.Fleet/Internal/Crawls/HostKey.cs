namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>The keys of hosts' grains.</summary>
internal static class HostKey
{
    /// <summary>The key of a host: the crawl, a slash, and scheme, host and port.</summary>
    public static string Of(string crawl, string origin) => $"{crawl}/{origin}";

    public static (string Crawl, string Origin) Read(string key) => key.IndexOf('/') is var at ? (key[..at], key[(at + 1)..]) : default;
}

using System.Security.Cryptography;

namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>The names of crawls, which no campaign has: so whoever has a name knows what it is.</summary>
internal static class CrawlId
{
    private const string Beginning = "c-";

    public static string Make() => Beginning + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));

    public static bool Is(string id) => id.StartsWith(Beginning, StringComparison.Ordinal);
}

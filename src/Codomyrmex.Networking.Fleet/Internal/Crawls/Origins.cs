using Codomyrmex.Networking.Crawling.Internal;

namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>Hosts of URLs in their one spelling.</summary>
internal static class Origins
{
    /// <summary>Scheme, host and port.</summary>
    public static string Of(string url) => ScopeRules.OriginOf(url).ToString();
}

using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>One visitor: cookies and a proxy of its own.</summary>
internal sealed class CrawlSession(HTTPClient client, string? key)
{
    public HTTPClient Client { get; } = client;

    /// <summary>What a pool of proxies knows it by.</summary>
    public string? Key { get; } = key;

    public RequestOptions Request { get; } = key is null ? RequestOptions.Default : new RequestOptions { SessionKey = key };

    public int Uses { get; set; }

    /// <summary>Requests that were begun and are not over.</summary>
    public int UnderWay { get; set; }

    /// <summary>Whether another one has taken its place.</summary>
    public bool IsRetired { get; set; }

    public int BlocksInARow { get; set; }
}

namespace Codomyrmex.Networking.Crawling.Protocol;

/// <summary>A group of robots.txt: whom it speaks to, and what it tells them (RFC 9309, section 2.2.1).</summary>
internal sealed class RobotsGroup
{
    /// <summary>The product tokens, as written; <c>*</c> for everybody.</summary>
    public List<string> Agents { get; } = [];

    /// <summary>The rules, in their order.</summary>
    public List<(PathPattern Path, bool Allows)> Rules { get; } = [];

    /// <summary>The seconds of <c>Crawl-delay</c>, which the RFC does not know and sites use.</summary>
    public double? DelaySeconds { get; set; }
}

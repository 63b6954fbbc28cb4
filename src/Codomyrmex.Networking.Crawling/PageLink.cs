namespace Codomyrmex.Networking.Crawling;

/// <summary>A link of a page.</summary>
/// <param name="Url">The URL it leads to, absolute and in its one spelling.</param>
/// <param name="Kind">What says it.</param>
/// <param name="IsNoFollow">Whether it asks not to be followed (<c>rel=nofollow</c>).</param>
public sealed record PageLink(string Url, LinkKind Kind, bool IsNoFollow);

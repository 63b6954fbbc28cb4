using System.Globalization;
using Codomyrmex.Networking.Crawling.Internal;
using Codomyrmex.Networking.Crawling.Internal.Markup;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Crawling;

/// <summary>
/// A page that a crawler has visited, or has failed to. What lies in the response (<see cref="Content"/>, <see cref="Text"/>, <see cref="Links"/>, <see cref="Document"/>) is
/// valid until the next page is asked for. Not thread-safe.
/// </summary>
public sealed class CrawledPage
{
    private readonly Response? _response;
    private readonly string _agent;
    private HeaderMap? _headers;
    private IReadOnlyList<PageLink>? _links;

    internal CrawledPage(Visit visit, Response? response, HeaderMap? headers, string agent) =>
        (Visit, _response, _headers, _agent) = (visit, response, headers, agent);

    /// <summary>The URL, in its one spelling: the last one where redirects led there.</summary>
    public string Url => Visit.Url;

    /// <summary>Links from a seed to it.</summary>
    public int Depth => Visit.Depth;

    /// <summary>The page that it was found on, or the URL that redirected to it; null for a seed.</summary>
    public string? Referrer => Visit.Referrer;

    /// <summary>Redirects on the way to it.</summary>
    public int Redirects => Visit.Redirects;

    /// <summary>Why there is no answer, or none within the limits; null where there is one, whatever its status.</summary>
    public NetworkException? Error { get; internal init; }

    /// <summary>The status; 0 without an answer.</summary>
    public int Status => _response?.Status ?? 0;

    /// <summary>The fields of the answer; empty without one.</summary>
    public HeaderMap Headers => _headers ??= _response?.Headers ?? new HeaderMap();

    /// <summary>The media type without parameters, lower case; null where there is none.</summary>
    public string? ContentType => _response?.ContentType;

    /// <summary>The body, decoded; empty where there is none, or where its type is not among <see cref="CrawlerOptions.ContentTypes"/>.</summary>
    public ReadOnlyMemory<byte> Content => HasContent ? _response!.Content : default;

    /// <summary>The body as text, by its charset.</summary>
    public string Text => HasContent ? _response!.Text : "";

    /// <summary>The title of an HTML page; null without one.</summary>
    public string? Title => Facts.Title;

    /// <summary>The URL that the page calls its own (<c>link rel=canonical</c>); null without one.</summary>
    public string? CanonicalUrl => Facts.Canonical;

    /// <summary>Whether the page asks not to be shown in an index (<c>meta name=robots</c>, <c>X-Robots-Tag</c>): it was fetched, and is the caller's to leave alone.</summary>
    public bool IsNoIndex { get; internal init; }

    /// <summary>How it stands to what an earlier crawl found.</summary>
    public PageChange Change { get; internal init; }

    /// <summary>The URL that showed the same content first; null where this is the first one.</summary>
    public string? DuplicateOf { get; internal init; }

    /// <summary>Whether it says that nothing is here, with the status of a page that is.</summary>
    public bool IsSoftNotFound { get; internal init; }

    /// <summary>How long the answer took, body included.</summary>
    public TimeSpan Elapsed { get; internal init; }

    /// <summary>The links of an HTML page in their order, each as often as it is there; those to other schemes and to the page itself are left out.</summary>
    public IReadOnlyList<PageLink> Links => _links ??= ReadLinks();

    /// <summary>The page as a document that can be searched by CSS selectors. Costs several times what finding its links does, and is parsed anew by each call.</summary>
    public PageDocument Document() => new(MarkupReader.Parse(Text));

    /// <summary>Status, URL and size.</summary>
    public override string ToString() => $"{(Error?.Code ?? Status.ToString(CultureInfo.InvariantCulture))} {Url} ({(HasContent ? Content.Length : 0)} bytes)";

    internal Visit Visit { get; }

    internal bool HasContent { get; init; }

    internal PageFacts Facts { get; init; }

    internal IReadOnlyList<Visit> Found { get; init; } = [];

    internal StoredPage? Stored { get; init; }

    internal PageOutcome Outcome => Error is null ? PageOutcome.Visited : PageOutcome.Failed;

    internal void Release() => _response?.Dispose();

    private List<PageLink> ReadLinks()
    {
        var links = new List<PageLink>();
        if (HasContent && PageReader.IsHtml(ContentType))
        {
            new PageReader(_agent).Read(PageReader.Utf8(_response!, Headers), Url, links,
                static (links, url, kind, isNoFollow) => links.Add(new PageLink(url.ToString(), kind, isNoFollow)));
        }
        return links;
    }
}

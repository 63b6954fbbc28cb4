using System.Text;
using Codomyrmex.Networking.Crawling.Protocol;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>Reads HTML for its links and for what it says of itself. Each worker has one; not thread-safe.</summary>
internal sealed class PageReader(string agent)
{
    private readonly UrlResolver _resolver = new();
    private char[] _text = new char[1024];

    /// <summary>What takes a link: its URL in its one spelling, valid until the call returns.</summary>
    public delegate void LinkSink<in T>(T state, ReadOnlySpan<char> url, LinkKind kind, bool isNoFollow);

    public static bool IsHtml(string? contentType) => contentType is "text/html" or "application/xhtml+xml";

    /// <summary>A body as UTF-8, whatever it came in.</summary>
    public static ReadOnlySpan<byte> Utf8(Response response, HeaderMap headers) =>
        PageCharset.IsUtf8(headers["Content-Type"], response.Content.Span) ? response.Content.Span : Encoding.UTF8.GetBytes(response.Text);

    /// <summary>Reads a page from front to back.</summary>
    /// <param name="html">The page, in UTF-8.</param>
    /// <param name="url">Its URL.</param>
    /// <param name="state">Given to the sink.</param>
    /// <param name="sink">Gets the links; null where nobody asks for them.</param>
    public PageFacts Read<T>(ReadOnlySpan<byte> html, string url, T state, LinkSink<T>? sink)
    {
        _resolver.SetBase(url);
        var scanner = new LinkScanner(html, agent);
        var hasBase = false;
        string? canonical = null;
        while (scanner.Read())
        {
            if (!hasBase && !scanner.Base.IsEmpty)
            {
                hasBase = true;
                var itsBase = _resolver.Resolve(Decode(scanner.Base));
                if (!itsBase.IsEmpty)
                    _resolver.SetBase(itsBase.ToString());
            }
            var isCanonical = scanner.Kind == FoundLinkKind.Canonical;
            if (sink is null && (!isCanonical || canonical is not null))
                continue;
            var link = _resolver.Resolve(Decode(scanner.Reference));
            if (link.IsEmpty)
                continue;
            if (isCanonical)
                canonical ??= link.ToString();
            sink?.Invoke(state, link, (LinkKind)scanner.Kind, scanner.IsNoFollow);
        }
        return new PageFacts(scanner.Title.IsEmpty ? null : HtmlText.Line(scanner.Title), canonical, scanner.Directives, scanner.Structure);
    }

    /// <summary>Where a redirect leads; empty where it leads nowhere that a crawler goes.</summary>
    public ReadOnlySpan<char> Resolve(string reference, string url)
    {
        _resolver.SetBase(url);
        return _resolver.Resolve(reference);
    }

    private ReadOnlySpan<char> Decode(ReadOnlySpan<byte> value)
    {
        if (value.Length > UrlResolver.LongestReference * 4)
            return [];
        if (value.Length > _text.Length)
            _text = new char[value.Length];
        return HtmlText.Decode(value, _text);
    }
}

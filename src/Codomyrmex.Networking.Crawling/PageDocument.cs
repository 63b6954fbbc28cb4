using Codomyrmex.Networking.Crawling.Internal.Markup;

namespace Codomyrmex.Networking.Crawling;

/// <summary>An HTML page as a tree, built as a browser would. Not thread-safe; it outlives its <see cref="CrawledPage"/>.</summary>
public sealed class PageDocument
{
    private readonly MarkupReader _reader;

    internal PageDocument(MarkupReader reader) => _reader = reader;

    /// <summary>The text that a reader sees, a line for each block: no scripts, styles or other machinery.</summary>
    public string Text => _reader.VisibleText();

    /// <summary>The elements that a CSS selector names, in the order of the page.</summary>
    /// <param name="selector">Such as <c>article h2 &gt; a[href]</c>.</param>
    /// <exception cref="ArgumentException">It is no selector.</exception>
    public IReadOnlyList<PageElement> Select(string selector) => _reader.Select(selector);

    /// <summary>The first element that a CSS selector names; null without one.</summary>
    /// <param name="selector">The selector.</param>
    /// <exception cref="ArgumentException">It is no selector.</exception>
    public PageElement? SelectFirst(string selector) => _reader.SelectFirst(selector);
}

using Codomyrmex.Networking.Crawling.Internal.Markup;

namespace Codomyrmex.Networking.Crawling;

/// <summary>An element of a <see cref="PageDocument"/>.</summary>
public sealed class PageElement
{
    private readonly MarkupReader _reader;

    internal PageElement(MarkupReader reader) => _reader = reader;

    /// <summary>Its name, lower case.</summary>
    public string Name => _reader.Name;

    /// <summary>Its text with that of all within, blanks and line breaks as one space.</summary>
    public string Text => _reader.Line();

    /// <summary>Its markup.</summary>
    public string Html => _reader.Html();

    /// <summary>The value of an attribute; null without it.</summary>
    /// <param name="name">The attribute's name.</param>
    public string? Attribute(string name) => _reader.Attribute(name);

    /// <summary>The elements within it that a CSS selector names, in the order of the page.</summary>
    /// <param name="selector">The selector.</param>
    /// <exception cref="ArgumentException">It is no selector.</exception>
    public IReadOnlyList<PageElement> Select(string selector) => _reader.Select(selector);
}

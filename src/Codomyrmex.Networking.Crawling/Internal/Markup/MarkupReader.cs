using System.Text;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace Codomyrmex.Networking.Crawling.Internal.Markup;

/// <summary>A node of AngleSharp's tree; this folder alone knows whose it is. Scripts do not run, and nothing is fetched.</summary>
internal sealed class MarkupReader(INode node)
{
    private static readonly HashSet<string> Unseen = new(StringComparer.OrdinalIgnoreCase) { "script", "style", "noscript", "template", "head", "iframe", "object", "svg" };

    private static readonly HashSet<string> Blocks = new(StringComparer.OrdinalIgnoreCase)
    {
        "address", "article", "aside", "blockquote", "br", "dd", "div", "dl", "dt", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
        "li", "main", "nav", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul",
    };

    public static MarkupReader Parse(string html) => new(new HtmlParser().ParseDocument(html));

    public string Name => ((IElement)node).LocalName;

    public string? Attribute(string name) => ((IElement)node).GetAttribute(name);

    public string Html() => ((IElement)node).OuterHtml;

    public string Line() => Collapse(node.TextContent);

    public List<PageElement> Select(string selector)
    {
        ArgumentNullException.ThrowIfNull(selector);
        try
        {
            return [.. ((IParentNode)node).QuerySelectorAll(selector).Select(element => new PageElement(new MarkupReader(element)))];
        }
        catch (DomException error)
        {
            throw Wrong(selector, error);
        }
    }

    public PageElement? SelectFirst(string selector)
    {
        ArgumentNullException.ThrowIfNull(selector);
        try
        {
            return ((IParentNode)node).QuerySelector(selector) is { } element ? new PageElement(new MarkupReader(element)) : null;
        }
        catch (DomException error)
        {
            throw Wrong(selector, error);
        }
    }

    public string VisibleText()
    {
        var text = new StringBuilder();
        // Not by recursion: a page may be nested a million deep.
        var path = new Stack<(INode Node, bool IsEnd)>([(node, false)]);
        while (path.TryPop(out var step))
        {
            if (step.Node is IText words && !step.IsEnd)
            {
                Append(text, words.Data);
                continue;
            }
            if (step.Node is IElement element)
            {
                if (Unseen.Contains(element.LocalName))
                    continue;
                if (Blocks.Contains(element.LocalName))
                    Break(text);
            }
            if (step.IsEnd)
                continue;
            path.Push((step.Node, true));
            for (var child = step.Node.LastChild; child is not null; child = child.PreviousSibling)
                path.Push((child, false));
        }
        return text.ToString().Trim();
    }

    private static void Append(StringBuilder text, string words)
    {
        foreach (var c in words)
        {
            if (!char.IsWhiteSpace(c))
                text.Append(c);
            else if (text.Length > 0 && text[^1] is not (' ' or '\n'))
                text.Append(' ');
        }
    }

    private static void Break(StringBuilder text)
    {
        while (text.Length > 0 && text[^1] == ' ')
            text.Length--;
        if (text.Length > 0 && text[^1] != '\n')
            text.Append('\n');
    }

    private static string Collapse(string text)
    {
        var line = new StringBuilder(text.Length);
        Append(line, text);
        return line.ToString().Trim();
    }

    private static ArgumentException Wrong(string selector, DomException error) => new($"'{selector}' is no CSS selector: {error.Message}", nameof(selector), error);
}

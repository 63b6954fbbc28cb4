using System.Net;
using System.Text;

namespace Codomyrmex.Networking.Cli.Parsing;

/// <summary>
/// The text of an HTML page as a reader would see it, for models: headings, lists, paragraphs, links. What is not shown (scripts, styles, comments, hidden elements) is left out, since
/// it is where orders to models are hidden. No parser of the standard: it reads any bytes once from front to back, and never looks back.
/// </summary>
internal sealed class PageText
{
    private const int DeepestHidden = 10_000;

    private static readonly string[] Unseen = ["script", "style", "noscript", "template", "svg", "math", "iframe", "object", "canvas", "select", "textarea", "head"];
    private static readonly string[] Void = ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
    private static readonly string[] Blocks =
        ["p", "div", "section", "article", "main", "header", "footer", "nav", "aside", "ul", "ol", "dl", "dt", "dd", "table", "tr", "form", "fieldset", "figure", "figcaption", "blockquote", "pre", "address", "details", "summary"];

    private readonly Uri? _address;
    private readonly bool _withLinks;
    private readonly StringBuilder _text = new();
    private readonly StringBuilder _title = new();
    private bool _needsSpace;
    private bool _isTitle;
    private int _verbatim;
    private string? _hidden;
    private int _hiddenDepth;
    private string? _link;
    private long _roomForLinks;

    private PageText(Uri? address, bool withLinks) => (_address, _withLinks) = (address, withLinks);

    /// <summary>Reads a page.</summary>
    /// <param name="html">The page.</param>
    /// <param name="address">Where it is, for its links.</param>
    /// <param name="withLinks">Whether addresses of links stand behind their texts.</param>
    public static (string Title, string Text) Of(string html, Uri? address = null, bool withLinks = false)
    {
        // Links grow when they are written in full.
        var page = new PageText(address, withLinks) { _roomForLinks = (html.Length * 2L) + 65_536 };
        page.Read(html);
        return (page._title.ToString().Trim(), page._text.ToString().Trim());
    }

    private void Read(string html)
    {
        var at = 0;
        while (at < html.Length)
        {
            var open = html.IndexOf('<', at);
            if (open < 0 || open == html.Length - 1)
            {
                Say(html.AsSpan(at));
                return;
            }
            Say(html.AsSpan(at, open - at));
            if (html.AsSpan(open).StartsWith("<!--", StringComparison.Ordinal))
            {
                var end = html.IndexOf("-->", open + 4, StringComparison.Ordinal);
                at = end < 0 ? html.Length : end + 3;
                continue;
            }
            if (!char.IsAsciiLetter(html[open + 1]) && html[open + 1] is not ('/' or '!' or '?'))
            {
                Say("<");
                at = open + 1;
                continue;
            }
            var close = EndOfTag(html, open + 1);
            if (close < 0)
                return;
            at = close + 1;
            at = Take(html, open, close, at);
        }
    }

    private int Take(string html, int open, int close, int next)
    {
        var tag = html.AsSpan(open + 1, close - open - 1);
        var isEnd = tag.StartsWith("/");
        var name = NameOf(isEnd ? tag[1..] : tag);
        if (name.Length == 0)
            return next;
        if (_hidden is not null)
        {
            Nest(name, isEnd, tag);
            if (_hidden == "head" && name == "title")
                _isTitle = !isEnd;
            if (_hidden == "head" && name == "body" && !isEnd)
                _hidden = null;
            return next;
        }
        if (!isEnd && name is "script" or "style")
            return SkipRaw(html, name, next);
        if (!isEnd && (Unseen.Contains(name) || IsHidden(tag)))
        {
            if (!Void.Contains(name))
                (_hidden, _hiddenDepth) = (name, 1);
            return next;
        }
        Shape(name, isEnd, tag);
        return next;
    }

    // Their text is no markup: only their own end ends them.
    private static int SkipRaw(string html, string name, int from)
    {
        var end = html.IndexOf("</" + name, from, StringComparison.OrdinalIgnoreCase);
        return end < 0 ? html.Length : end;
    }

    private void Nest(string name, bool isEnd, ReadOnlySpan<char> tag)
    {
        if (name != _hidden || tag.EndsWith("/"))
            return;
        _hiddenDepth += isEnd ? -1 : 1;
        if (_hiddenDepth <= 0)
            _hidden = null;
        else if (_hiddenDepth > DeepestHidden)
            _hiddenDepth = DeepestHidden;
    }

    private void Shape(string name, bool isEnd, ReadOnlySpan<char> tag)
    {
        switch (name)
        {
            case "br":
                _text.Append('\n');
                _needsSpace = false;
                break;
            case "hr":
                Break(2);
                break;
            case "title":
                _isTitle = !isEnd;
                break;
            case ['h', >= '1' and <= '6']:
                Break(2);
                if (!isEnd)
                    _text.Append('#', name[1] - '0').Append(' ');
                break;
            case "li":
                Break(1);
                if (!isEnd)
                    _text.Append("- ");
                break;
            case "td" or "th":
                if (isEnd)
                    _text.Append(" | ");
                _needsSpace = false;
                break;
            case "a" when _withLinks:
                Link(isEnd ? null : Attribute(tag, "href"));
                break;
            case "img" when Attribute(tag, "alt") is { Length: > 0 } alt:
                Say($"[{alt}]");
                break;
            default:
                if (Blocks.Contains(name))
                    Break(name is "tr" or "dt" or "dd" ? 1 : 2);
                if (name == "pre")
                    _verbatim += isEnd ? (_verbatim > 0 ? -1 : 0) : 1;
                break;
        }
    }

    private void Link(string? href)
    {
        if (_link is not null && (_roomForLinks -= _link.Length + 3) > 0)
            _text.Append(" (").Append(_link).Append(')');
        _link = href is null || href.StartsWith('#') ? null
            : Uri.TryCreate(_address, href, out var url) && url.Scheme is "http" or "https" ? url.AbsoluteUri
            : null;
    }

    private void Say(ReadOnlySpan<char> raw)
    {
        if (raw.IsEmpty || (_hidden is not null && !_isTitle))
            return;
        var said = WebUtility.HtmlDecode(raw.ToString());
        if (_isTitle)
        {
            if (_title.Length < 1000)
                _title.Append(said);
            return;
        }
        if (_verbatim > 0)
        {
            _text.Append(said);
            return;
        }
        foreach (var c in said)
        {
            if (c is ' ' or '\n' or '\r' or '\t' or '\f')
            {
                _needsSpace = true;
                continue;
            }
            if (_needsSpace && _text.Length > 0 && _text[^1] is not ('\n' or ' '))
                _text.Append(' ');
            _needsSpace = false;
            _text.Append(c);
        }
    }

    private void Break(int lines)
    {
        _needsSpace = false;
        while (_text.Length > 0 && _text[^1] == ' ')
            _text.Length--;
        if (_text.Length == 0)
            return;
        var feeds = 0;
        while (feeds < lines && feeds < _text.Length && _text[^(feeds + 1)] == '\n')
            feeds++;
        _text.Append('\n', lines - feeds);
    }

    private static bool IsHidden(ReadOnlySpan<char> tag)
    {
        if (!tag.Contains("hidden", StringComparison.OrdinalIgnoreCase) && !tag.Contains("none", StringComparison.OrdinalIgnoreCase))
            return false;
        if (HasAttribute(tag, "hidden") || Attribute(tag, "aria-hidden") == "true")
            return true;
        var style = (Attribute(tag, "style") ?? "").Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
        return style.Contains("display:none", StringComparison.Ordinal) || style.Contains("visibility:hidden", StringComparison.Ordinal);
    }

    private static string NameOf(ReadOnlySpan<char> tag)
    {
        var length = 0;
        while (length < tag.Length && length < 32 && char.IsAsciiLetterOrDigit(tag[length]))
            length++;
        return tag[..length].ToString().ToLowerInvariant();
    }

    /// <summary>Where a tag ends: at a &gt; that stands in no quotes. Quotes that are never closed close at the first &gt;.</summary>
    private static int EndOfTag(string html, int from)
    {
        var first = html.IndexOf('>', from);
        if (first < 0)
            return -1;
        var quote = '\0';
        for (var i = from; i < html.Length && i - from < 64 * 1024; i++)
        {
            if (quote == '\0' && html[i] == '>')
                return i;
            if (quote == '\0' && html[i] is '"' or '\'' && html[i - 1] == '=')
                quote = html[i];
            else if (html[i] == quote)
                quote = '\0';
        }
        return first;
    }

    private static bool HasAttribute(ReadOnlySpan<char> tag, string name) => Find(tag, name) >= 0;

    private static string? Attribute(ReadOnlySpan<char> tag, string name)
    {
        var at = Find(tag, name);
        if (at < 0)
            return null;
        var rest = tag[(at + name.Length)..].TrimStart();
        if (!rest.StartsWith("="))
            return "";
        rest = rest[1..].TrimStart();
        if (rest.IsEmpty)
            return "";
        var end = rest[0] is '"' or '\'' ? rest[1..].IndexOf(rest[0]) + 1 : rest.IndexOfAny(" \t\r\n>");
        var value = rest[0] is '"' or '\'' ? rest[1..(end > 0 ? end : rest.Length)] : end < 0 ? rest : rest[..end];
        return WebUtility.HtmlDecode(value.ToString());
    }

    private static int Find(ReadOnlySpan<char> tag, string name)
    {
        for (var from = 0; ;)
        {
            var at = tag[from..].IndexOf(name, StringComparison.OrdinalIgnoreCase);
            if (at < 0)
                return -1;
            at += from;
            var after = at + name.Length;
            if (at > 0 && tag[at - 1] is ' ' or '\t' or '\n' or '\r' or '"' or '\'' && (after == tag.Length || tag[after] is '=' or ' ' or '\t' or '\n' or '\r' or '/'))
                return at;
            from = after;
        }
    }
}

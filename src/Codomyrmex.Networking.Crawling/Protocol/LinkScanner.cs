using System.Text;

namespace Codomyrmex.Networking.Crawling.Protocol;

/// <summary>What a crawler wants of an HTML document in UTF-8, read once from front to back: links, base, title, what it asks of crawlers.</summary>
internal ref struct LinkScanner(ReadOnlySpan<byte> html, string agent)
{
    private HtmlScanner _scanner = new(html);
    private int _templates;
    private ulong _structure = 14_695_981_039_346_656_037;

    /// <summary>The link just read, as written.</summary>
    public ReadOnlySpan<byte> Reference { get; private set; }

    /// <summary>What said it.</summary>
    public FoundLinkKind Kind { get; private set; }

    /// <summary>Whether it asks not to be followed (<c>rel=nofollow</c>).</summary>
    public bool IsNoFollow { get; private set; }

    /// <summary>What the first <c>base</c> says that relative links are relative to, as written; empty for none so far.</summary>
    public ReadOnlySpan<byte> Base { get; private set; }

    /// <summary>The first title, as written; empty for none so far.</summary>
    public ReadOnlySpan<byte> Title { get; private set; }

    /// <summary>What the page asks of crawlers so far.</summary>
    public RobotsDirectives Directives { get; private set; }

    /// <summary>A hash of the names of all tags so far: pages of one template have the same.</summary>
    public readonly ulong Structure => _structure;

    /// <summary>Goes to the next link.</summary>
    public bool Read()
    {
        while (_scanner.Read())
        {
            var name = _scanner.Name;
            Note(name);
            if (_scanner.IsEnd)
            {
                if (_templates > 0 && HtmlScanner.EqualsName(name, "template"u8))
                    _templates--;
                continue;
            }
            if (ReadElement(name))
                return true;
        }
        return false;
    }

    private bool ReadElement(ReadOnlySpan<byte> name)
    {
        switch (name.Length)
        {
            case 1 when HtmlScanner.EqualsName(name, "a"u8):
            case 4 when HtmlScanner.EqualsName(name, "area"u8):
                return ReadLink("href"u8, FoundLinkKind.Anchor);
            case 4 when HtmlScanner.EqualsName(name, "link"u8):
                return ReadRelated();
            case 4 when HtmlScanner.EqualsName(name, "meta"u8):
                return ReadMeta();
            case 4 when HtmlScanner.EqualsName(name, "base"u8):
                ReadBase();
                return false;
            case 5 when HtmlScanner.EqualsName(name, "frame"u8):
                return ReadLink("src"u8, FoundLinkKind.Frame);
            case 5 when HtmlScanner.EqualsName(name, "title"u8):
                var title = _scanner.ReadRawText("title"u8);
                if (Title.IsEmpty)
                    Title = title;
                return false;
            case 5 when HtmlScanner.EqualsName(name, "style"u8):
                _scanner.ReadRawText("style"u8);
                return false;
            case 6 when HtmlScanner.EqualsName(name, "script"u8):
                _scanner.SkipScript();
                return false;
            case 6 when HtmlScanner.EqualsName(name, "iframe"u8):
                var found = ReadLink("src"u8, FoundLinkKind.Frame);
                _scanner.ReadRawText("iframe"u8);
                return found;
            case 8 when HtmlScanner.EqualsName(name, "textarea"u8):
                _scanner.ReadRawText("textarea"u8);
                return false;
            case 8 when HtmlScanner.EqualsName(name, "template"u8):
                // What is in a template is no part of the page yet.
                _templates++;
                return false;
            case 3 when HtmlScanner.EqualsName(name, "xmp"u8):
                _scanner.ReadRawText("xmp"u8);
                return false;
            case 7 when HtmlScanner.EqualsName(name, "noembed"u8):
                _scanner.ReadRawText("noembed"u8);
                return false;
            case 8 when HtmlScanner.EqualsName(name, "noframes"u8):
                _scanner.ReadRawText("noframes"u8);
                return false;
            case 9 when HtmlScanner.EqualsName(name, "plaintext"u8):
                // Nothing ends it.
                _scanner.SkipRest();
                return false;
            default:
                return false;
        }
    }

    private bool ReadLink(ReadOnlySpan<byte> attribute, FoundLinkKind kind)
    {
        ReadOnlySpan<byte> reference = default;
        var hasReference = false;
        var isNoFollow = false;
        while (_scanner.ReadAttribute(out var name, out var value))
        {
            // Of two attributes of one name the first counts.
            if (!hasReference && HtmlScanner.EqualsName(name, attribute))
            {
                reference = value;
                hasReference = true;
            }
            else if (HtmlScanner.EqualsName(name, "rel"u8))
            {
                isNoFollow |= HasWord(value, "nofollow"u8);
            }
        }
        return Found(reference, hasReference, kind, isNoFollow);
    }

    private bool ReadRelated()
    {
        ReadOnlySpan<byte> reference = default;
        ReadOnlySpan<byte> relation = default;
        var hasReference = false;
        while (_scanner.ReadAttribute(out var name, out var value))
        {
            if (!hasReference && HtmlScanner.EqualsName(name, "href"u8))
            {
                reference = value;
                hasReference = true;
            }
            else if (relation.IsEmpty && HtmlScanner.EqualsName(name, "rel"u8))
            {
                relation = value;
            }
        }
        if (HasWord(relation, "canonical"u8))
            return Found(reference, hasReference, FoundLinkKind.Canonical, false);
        var leadsOn = (HasWord(relation, "alternate"u8) && !HasWord(relation, "stylesheet"u8)) || HasWord(relation, "next"u8) || HasWord(relation, "prev"u8);
        return leadsOn && Found(reference, hasReference, FoundLinkKind.Related, HasWord(relation, "nofollow"u8));
    }

    private void ReadBase()
    {
        var isRead = !Base.IsEmpty || _templates > 0;
        while (_scanner.ReadAttribute(out var name, out var value))
        {
            if (isRead || !HtmlScanner.EqualsName(name, "href"u8))
                continue;
            Base = value;
            isRead = true;
        }
    }

    private bool ReadMeta()
    {
        ReadOnlySpan<byte> meaning = default;
        ReadOnlySpan<byte> instruction = default;
        ReadOnlySpan<byte> content = default;
        while (_scanner.ReadAttribute(out var name, out var value))
        {
            if (HtmlScanner.EqualsName(name, "name"u8))
                meaning = value;
            else if (HtmlScanner.EqualsName(name, "http-equiv"u8))
                instruction = value;
            else if (HtmlScanner.EqualsName(name, "content"u8))
                content = value;
        }
        if (!_scanner.IsWhole || _templates > 0)
            return false;
        if (HtmlScanner.EqualsName(meaning, "robots"u8) || (!meaning.IsEmpty && Encoding.UTF8.GetString(meaning).Equals(agent, StringComparison.OrdinalIgnoreCase)))
            Directives |= RobotsDirectiveText.Read(Encoding.UTF8.GetString(content), agent);
        return HtmlScanner.EqualsName(instruction, "refresh"u8) && Found(Target(content), true, FoundLinkKind.Refresh, false);
    }

    // "5; url='/next'" (WHATWG HTML, section 4.2.5.3): without a URL the page only loads itself again.
    private static ReadOnlySpan<byte> Target(ReadOnlySpan<byte> content)
    {
        var at = content.IndexOfAny((byte)';', (byte)',');
        var rest = at < 0 ? [] : content[(at + 1)..].Trim(" \t\r\n\f"u8);
        if (rest.Length > 3 && HtmlScanner.EqualsName(rest[..3], "url"u8) && rest[3..].TrimStart(" \t\r\n\f"u8) is [(byte)'=', ..] value)
            rest = value[1..].Trim(" \t\r\n\f"u8);
        if (rest is [(byte)'"' or (byte)'\'', ..])
        {
            var end = rest[1..].IndexOf(rest[0]);
            rest = end < 0 ? rest[1..] : rest.Slice(1, end);
        }
        return rest;
    }

    private bool Found(ReadOnlySpan<byte> reference, bool hasReference, FoundLinkKind kind, bool isNoFollow)
    {
        if (!hasReference || !_scanner.IsWhole || _templates > 0)
            return false;
        Reference = reference;
        Kind = kind;
        IsNoFollow = isNoFollow;
        return true;
    }

    private static bool HasWord(ReadOnlySpan<byte> text, ReadOnlySpan<byte> word)
    {
        while (!text.IsEmpty)
        {
            var end = text.IndexOfAny(" \t\r\n\f"u8);
            if (HtmlScanner.EqualsName(end < 0 ? text : text[..end], word))
                return true;
            text = end < 0 ? [] : text[(end + 1)..];
        }
        return false;
    }

    private void Note(ReadOnlySpan<byte> name)
    {
        foreach (var c in name)
            _structure = (_structure ^ (byte)(c | 0x20)) * 1_099_511_628_211;
        _structure = (_structure ^ '>') * 1_099_511_628_211;
    }
}

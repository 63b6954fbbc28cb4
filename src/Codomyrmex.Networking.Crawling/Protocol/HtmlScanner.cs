using System.Buffers;

namespace Codomyrmex.Networking.Crawling.Protocol;

/// <summary>
/// The tags of an HTML document and their attributes, by the rules of the tokenizer (WHATWG HTML, section 13.2.5): comments, declarations, raw text and scripts
/// are passed over as a browser would. It builds no tree: what only the tree tells (namespaces, content that is moved) it does not know.
/// </summary>
internal ref struct HtmlScanner(ReadOnlySpan<byte> html)
{
    private static readonly SearchValues<byte> NameEnd = SearchValues.Create("\t\n\f\r />"u8);
    private static readonly SearchValues<byte> AttributeNameEnd = SearchValues.Create("\t\n\f\r />="u8);
    private static readonly SearchValues<byte> UnquotedEnd = SearchValues.Create("\t\n\f\r >"u8);

    private readonly ReadOnlySpan<byte> _html = html;
    private int _at;
    private bool _isInTag;

    /// <summary>The name of the tag, letters as written.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>Whether it is an end tag.</summary>
    public bool IsEnd { get; private set; }

    /// <summary>Whether the end of the tag has been seen: a tag that the document breaks off in is none.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>Where the next byte is read.</summary>
    public readonly int Position => _at;

    /// <summary>Goes to the next tag; attributes of the last one that nobody asked for are passed over.</summary>
    public bool Read()
    {
        while (_isInTag)
            ReadAttribute(out _, out _);
        IsWhole = false;
        while (_at < _html.Length)
        {
            var next = _html[_at..].IndexOf((byte)'<');
            if (next < 0 || _at + next + 1 >= _html.Length)
                break;
            _at += next + 1;
            var c = _html[_at];
            if (IsLetter(c))
                return Begin(isEnd: false);
            if (c == '/')
            {
                if (_at + 1 >= _html.Length)
                    break;
                _at++;
                if (IsLetter(_html[_at]))
                    return Begin(isEnd: true);
                // "</>" is nothing, "</ x>" a comment.
                SkipPast((byte)'>');
            }
            else if (c == '!')
            {
                SkipDeclaration();
            }
            else if (c == '?')
            {
                SkipPast((byte)'>');
            }
        }
        _at = _html.Length;
        return false;
    }

    /// <summary>The next attribute of the tag; false at its end. Values are as written: references are not undone.</summary>
    public bool ReadAttribute(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        name = value = default;
        if (!_isInTag)
            return false;
        while (_at < _html.Length && (IsBlank(_html[_at]) || _html[_at] == '/'))
            _at++;
        if (_at >= _html.Length || _html[_at] == '>')
        {
            EndTag();
            return false;
        }
        // A '=' where a name begins belongs to it.
        var length = _html[(_at + 1)..].IndexOfAny(AttributeNameEnd);
        length = length < 0 ? _html.Length - _at : length + 1;
        name = _html.Slice(_at, length);
        _at += length;
        SkipBlanks();
        if (_at >= _html.Length || _html[_at] != '=')
            return true;
        _at++;
        SkipBlanks();
        if (_at >= _html.Length)
            return true;
        var quote = _html[_at];
        if (quote is (byte)'"' or (byte)'\'')
        {
            _at++;
            var end = _html[_at..].IndexOf(quote);
            if (end < 0)
            {
                _at = _html.Length;
                return true;
            }
            value = _html.Slice(_at, end);
            _at += end + 1;
            return true;
        }
        var stop = _html[_at..].IndexOfAny(UnquotedEnd);
        value = stop < 0 ? _html[_at..] : _html.Slice(_at, stop);
        _at += value.Length;
        return true;
    }

    /// <summary>Passes over the raw text of an element, such as a script, up to its end tag, and gives the text.</summary>
    /// <param name="name">The element's name, lower case.</param>
    public ReadOnlySpan<byte> ReadRawText(ReadOnlySpan<byte> name)
    {
        while (_isInTag)
            ReadAttribute(out _, out _);
        var start = _at;
        _at = EndOfRawText(name, _at);
        return _html[start.._at];
    }

    /// <summary>Passes over a script up to its end tag, which within <c>&lt;!-- &lt;script&gt;</c> is none (section 13.2.5.15 and on).</summary>
    public void SkipScript()
    {
        while (_isInTag)
            ReadAttribute(out _, out _);
        var end = -1;
        while (true)
        {
            // Looked for anew only where the last one lies behind, and nothing is looked for beyond it: what a page costs is in proportion to its length.
            if (end < _at)
                end = EndOfRawText("script"u8, _at);
            var comment = _html[_at..end].IndexOf("<!--"u8);
            if (comment < 0)
            {
                _at = end;
                return;
            }
            var inner = _at + comment + 2; // "<!-->" closes itself: its hyphens count twice.
            var close = _html[inner..end].IndexOf("-->"u8);
            if (close >= 0)
            {
                _at = inner + close + 3;
                continue;
            }
            // Escaped once, the end tag ends the script; escaped twice, only the inner one.
            if (NestedScript(inner, end) < 0)
            {
                _at = end;
                return;
            }
            _at = Math.Min(end + "</script"u8.Length, _html.Length);
            if (_at >= _html.Length)
                return;
        }
    }

    /// <summary>Passes over everything.</summary>
    public void SkipRest() => (_at, _isInTag) = (_html.Length, false);

    private bool Begin(bool isEnd)
    {
        var length = _html[_at..].IndexOfAny(NameEnd);
        if (length < 0)
        {
            _at = _html.Length;
            return false;
        }
        Name = _html.Slice(_at, length);
        IsEnd = isEnd;
        _at += length;
        _isInTag = true;
        return true;
    }

    private void EndTag()
    {
        _isInTag = false;
        IsWhole = _at < _html.Length;
        if (IsWhole)
            _at++;
    }

    private void SkipDeclaration()
    {
        var rest = _html[_at..];
        if (!rest.StartsWith("!--"u8))
        {
            // A document type too ends at its first '>', in quotes or not.
            SkipPast((byte)'>');
            return;
        }
        _at += 3;
        rest = _html[_at..];
        if (rest.StartsWith(">"u8) || rest.StartsWith("->"u8))
        {
            SkipPast((byte)'>');
            return;
        }
        while (true)
        {
            var hyphens = _html[_at..].IndexOf("--"u8);
            if (hyphens < 0)
            {
                _at = _html.Length;
                return;
            }
            _at += hyphens + 2;
            var after = _html[_at..];
            if (after.StartsWith(">"u8) || after.StartsWith("!>"u8))
            {
                SkipPast((byte)'>');
                return;
            }
            // "--->" ends too: each hyphen may be the first of two.
            _at--;
        }
    }

    private readonly int EndOfRawText(ReadOnlySpan<byte> name, int from)
    {
        while (true)
        {
            var next = _html[from..].IndexOf("</"u8);
            if (next < 0)
                return _html.Length;
            from += next;
            var rest = _html[(from + 2)..];
            if (rest.Length > name.Length && EqualsName(rest[..name.Length], name) && NameEnd.Contains(rest[name.Length]))
                return from;
            from += 2;
        }
    }

    private readonly int NestedScript(int from, int to)
    {
        while (true)
        {
            var next = _html[from..to].IndexOf("<"u8);
            if (next < 0)
                return -1;
            from += next + 1;
            var rest = _html[from..];
            if (rest.Length > 6 && EqualsName(rest[..6], "script"u8) && NameEnd.Contains(rest[6]))
                return from;
        }
    }

    private void SkipPast(byte end)
    {
        var next = _html[_at..].IndexOf(end);
        _at = next < 0 ? _html.Length : _at + next + 1;
    }

    private void SkipBlanks()
    {
        while (_at < _html.Length && IsBlank(_html[_at]))
            _at++;
    }

    /// <summary>Whether a name as written is the one meant, which is in lower case.</summary>
    public static bool EqualsName(ReadOnlySpan<byte> written, ReadOnlySpan<byte> name)
    {
        if (written.Length != name.Length)
            return false;
        for (var i = 0; i < written.Length; i++)
        {
            var c = written[i];
            if ((c is >= (byte)'A' and <= (byte)'Z' ? c | 0x20 : c) != name[i])
                return false;
        }
        return true;
    }

    private static bool IsLetter(byte c) => (c | 0x20) is >= 'a' and <= 'z';

    private static bool IsBlank(byte c) => c is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\f' or (byte)'\r';
}

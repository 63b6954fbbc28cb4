using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Scanning.Protocol;

/// <summary>
/// The elements, attributes and texts of an XML document (XML 1.0) that needs no document type: what nmap writes. Declarations of entities are refused, so there is nothing to
/// expand and nothing to fetch; comments and processing instructions are passed over.
/// </summary>
internal ref struct XmlTokens(ReadOnlySpan<char> document)
{
    private const int DeepestNesting = 32;
    private const int MostAttributes = 64;

    private readonly List<string> _open = [];
    private readonly List<(string Name, string Value)> _attributes = [];
    private ReadOnlySpan<char> _rest = document;
    private bool _endsAtOnce;
    private bool _isOver;

    /// <summary>What was read.</summary>
    public XmlToken Token { get; private set; }

    /// <summary>The name of the element that begins or ends.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The text between tags, its entities resolved.</summary>
    public string Text { get; private set; } = "";

    /// <summary>The value of an attribute of the element that begins; null for none.</summary>
    public readonly string? Attribute(string name)
    {
        foreach (var (key, value) in _attributes)
        {
            if (key == name)
                return value;
        }
        return null;
    }

    /// <summary>Reads on. False behind the end of the root.</summary>
    /// <exception cref="FormatException">The document is not well-formed, or has a document type with declarations.</exception>
    public bool Read()
    {
        if (_endsAtOnce)
        {
            _endsAtOnce = false;
            return End(Name);
        }
        while (!_rest.IsEmpty)
        {
            if (_rest[0] != '<')
            {
                var end = _rest.IndexOf('<');
                var text = end < 0 ? _rest : _rest[..end];
                _rest = end < 0 ? default : _rest[end..];
                if (_open.Count > 0)
                    return Said(Resolved(text));
                if (!text.IsWhiteSpace())
                    throw Malformed("text stands outside the root");
            }
            else if (_rest.StartsWith("<?"))
            {
                Skip("<?", "?>");
            }
            else if (_rest.StartsWith("<!--"))
            {
                Skip("<!--", "-->");
            }
            else if (_rest.StartsWith("<![CDATA["))
            {
                var text = Skip("<![CDATA[", "]]>");
                if (_open.Count > 0)
                    return Said(text.ToString());
            }
            else if (_rest.StartsWith("<!DOCTYPE"))
            {
                if (Skip("<!DOCTYPE", ">").Contains('['))
                    throw Malformed("it declares a document type of its own");
            }
            else if (_rest.StartsWith("</"))
            {
                return End(Skip("</", ">").TrimEnd().ToString());
            }
            else
            {
                return Start();
            }
        }
        return _isOver ? false : throw Malformed("it ends too early");
    }

    private bool Start()
    {
        _rest = _rest[1..];
        if (_isOver || _open.Count == DeepestNesting)
            throw Malformed(_isOver ? "it has a second root" : "its elements are nested too deep");
        Name = TakeName();
        _attributes.Clear();
        while (true)
        {
            var blank = _rest.Length;
            _rest = _rest.TrimStart();
            if (_rest.StartsWith("/>") || _rest.StartsWith(">"))
                break;
            if (blank == _rest.Length || _attributes.Count == MostAttributes)
                throw Malformed($"the tag of {Name} is wrong");
            TakeAttribute();
        }
        _endsAtOnce = _rest[0] == '/';
        _rest = _rest[(_endsAtOnce ? 2 : 1)..];
        _open.Add(Name);
        Token = XmlToken.Start;
        return true;
    }

    private void TakeAttribute()
    {
        var name = TakeName();
        _rest = _rest.TrimStart();
        if (!_rest.StartsWith("="))
            throw Malformed($"the attribute {name} has no value");
        _rest = _rest[1..].TrimStart();
        var end = _rest.Length > 1 && _rest[0] is '"' or '\'' ? _rest[1..].IndexOf(_rest[0]) : -1;
        if (end < 0)
            throw Malformed($"the attribute {name} has no value");
        var value = _rest.Slice(1, end);
        if (value.Contains('<') || Attribute(name) is not null)
            throw Malformed($"the attribute {name} is wrong");
        _attributes.Add((name, Resolved(value)));
        _rest = _rest[(end + 2)..];
    }

    private bool End(string name)
    {
        if (_open.Count == 0 || _open[^1] != name)
            throw Malformed($"</{Printable.Text(name, 40)}> ends nothing");
        _open.RemoveAt(_open.Count - 1);
        _isOver = _open.Count == 0;
        (Token, Name) = (XmlToken.End, name);
        return true;
    }

    private bool Said(string text)
    {
        (Token, Text) = (XmlToken.Text, text);
        return true;
    }

    private string TakeName()
    {
        var length = 0;
        while (length < _rest.Length && (char.IsAsciiLetterOrDigit(_rest[length]) || _rest[length] is '_' or '-' or '.' or ':'))
            length++;
        if (length is 0 or > 100 || !(char.IsAsciiLetter(_rest[0]) || _rest[0] is '_' or ':'))
            throw Malformed("a name is missing");
        var name = _rest[..length].ToString();
        _rest = _rest[length..];
        return name;
    }

    private ReadOnlySpan<char> Skip(string start, string end)
    {
        var inner = _rest[start.Length..];
        var length = inner.IndexOf(end);
        if (length < 0)
            throw Malformed($"{start} has no end");
        _rest = inner[(length + end.Length)..];
        return inner[..length];
    }

    private static string Resolved(ReadOnlySpan<char> text)
    {
        if (!text.Contains('&'))
            return text.ToString();
        var output = new StringBuilder(text.Length);
        while (!text.IsEmpty)
        {
            var start = text.IndexOf('&');
            output.Append(start < 0 ? text : text[..start]);
            if (start < 0)
                break;
            text = text[(start + 1)..];
            var end = text.IndexOf(';');
            if (end is < 1 or > 10)
                throw Malformed("an ampersand begins no entity");
            output.Append(Entity(text[..end]));
            text = text[(end + 1)..];
        }
        return output.ToString();
    }

    private static string Entity(ReadOnlySpan<char> name) => name switch
    {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "quot" => "\"",
        "apos" => "'",
        ['#', 'x', .. var digits] when int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) && Rune.IsValid(number) => new Rune(number).ToString(),
        ['#', .. var digits] when int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Rune.IsValid(number) => new Rune(number).ToString(),
        _ => throw Malformed($"&{Printable.Text(name, 20)}; is not declared"),
    };

    private static FormatException Malformed(string why) => new($"The XML is malformed: {why}.");
}

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>
/// Walks a list of items with parameters (RFC 9651, sections 3.1 and 3.1.2) without copying: <c>"a";x=1, b;y="2"</c>. Lenient where a stricter
/// reader would reject the field whole; escapes in strings stay as they are.
/// </summary>
internal ref struct ParameterReader(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text;
    private bool _isFirst = true;

    /// <summary>Whether the present member has a parameter still to be read.</summary>
    public readonly bool HasParameters => _rest.TrimStart(" \t") is [';', ..];

    /// <summary>Goes to the next member: an item, or the key and value of a dictionary's.</summary>
    public bool NextMember(out ReadOnlySpan<char> item, out ReadOnlySpan<char> value)
    {
        if (!_isFirst)
            Skip(",");
        _isFirst = false;
        item = value = [];
        _rest = _rest.TrimStart(", \t");
        if (_rest.IsEmpty)
            return false;
        item = Take();
        if (_rest is ['=', ..])
        {
            _rest = _rest[1..];
            value = Take();
        }
        return true;
    }

    /// <summary>Reads the member's next parameter; one without a value has an empty one.</summary>
    public bool NextParameter(out ReadOnlySpan<char> key, out ReadOnlySpan<char> value)
    {
        key = value = [];
        Skip(";,");
        if (_rest is not [';', ..])
            return false;
        _rest = _rest[1..].TrimStart(" \t");
        key = Take();
        if (_rest is ['=', ..])
        {
            _rest = _rest[1..];
            value = Take();
        }
        return true;
    }

    /// <summary>A string without its quotes, or all up to a delimiter.</summary>
    private ReadOnlySpan<char> Take()
    {
        if (_rest is not ['"', ..])
        {
            var end = _rest.IndexOfAny(";,=");
            var token = end < 0 ? _rest : _rest[..end];
            _rest = _rest[token.Length..];
            return token.Trim();
        }
        var length = StringLength(_rest);
        var text = _rest[1..Math.Max(1, length - 1)];
        _rest = _rest[length..];
        return text;
    }

    /// <summary>Goes to the next of these delimiters outside of strings, or to the end.</summary>
    private void Skip(string delimiters)
    {
        while (!_rest.IsEmpty && !delimiters.Contains(_rest[0]))
            _rest = _rest[(_rest[0] == '"' ? StringLength(_rest) : 1)..];
    }

    private static int StringLength(ReadOnlySpan<char> text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                return i + 1;
        }
        return text.Length;
    }
}

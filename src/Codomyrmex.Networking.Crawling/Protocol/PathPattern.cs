namespace Codomyrmex.Networking.Crawling.Protocol;

/// <summary>A path with <c>*</c> for anything and <c>$</c> for the end, as rules of robots.txt have it (RFC 9309, section 2.2.3).</summary>
internal readonly struct PathPattern
{
    private readonly string _text;
    private readonly bool _isAnchored;

    /// <summary>Reads a pattern as it was written.</summary>
    public PathPattern(ReadOnlySpan<char> text)
    {
        _isAnchored = text.EndsWith('$');
        // Only at the end is '$' a sign; elsewhere it is itself, which in a path is escaped.
        _text = PercentText.Normalize(_isAnchored ? text[..^1] : text).Replace("$", "%24", StringComparison.Ordinal);
    }

    /// <summary>How specific it is: the octets of the pattern (RFC 9309, section 2.2.2).</summary>
    public int Length => _text.Length + (_isAnchored ? 1 : 0);

    /// <summary>The pattern.</summary>
    public override string ToString() => _isAnchored ? _text + "$" : _text;

    /// <summary>Whether a path fits: one that <see cref="PercentText.Normalize"/> gave, wildcards escaped.</summary>
    public bool Matches(ReadOnlySpan<char> path)
    {
        var rest = _text.AsSpan();
        var star = rest.IndexOf('*');
        if (star < 0)
            return _isAnchored ? path.SequenceEqual(rest) : path.StartsWith(rest);
        if (!path.StartsWith(rest[..star]))
            return false;
        path = path[star..];
        rest = rest[(star + 1)..];
        // What stands between two stars fits best as far to the left as it can: so no attempt is ever taken back, and no pattern takes long.
        while (true)
        {
            star = rest.IndexOf('*');
            if (star < 0)
                return _isAnchored ? path.EndsWith(rest) : path.IndexOf(rest) >= 0;
            var at = path.IndexOf(rest[..star]);
            if (at < 0)
                return false;
            path = path[(at + star)..];
            rest = rest[(star + 1)..];
        }
    }
}

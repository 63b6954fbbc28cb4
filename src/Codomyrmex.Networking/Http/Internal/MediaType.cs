namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A media type and its charset (RFC 9110, section 8.3), read leniently: servers write what they like.</summary>
internal readonly record struct MediaType(string? Type, string? Charset)
{
    public static MediaType Parse(string? field)
    {
        if (string.IsNullOrWhiteSpace(field))
            return default;
        var parts = field.Split(';');
        string? charset = null;
        foreach (var part in parts.AsSpan(1))
        {
            var text = part.AsSpan().Trim();
            if (text.StartsWith("charset=", StringComparison.OrdinalIgnoreCase))
                charset = text[8..].Trim("\"' ").ToString().ToLowerInvariant();
        }
        return new MediaType(parts[0].Trim().ToLowerInvariant(), charset);
    }

    public bool IsHtml => Type is "text/html" or "application/xhtml+xml";

    public bool IsJson => Type is "application/json" || Type?.EndsWith("+json", StringComparison.Ordinal) == true;
}

using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Http;

/// <summary>
/// Builds a URL from parts, each escaped for its place (RFC 3986) and formatted for machines (invariant culture). Immutable: every call
/// returns a new builder.
/// </summary>
public sealed class UrlBuilder
{
    private readonly string _path;
    private readonly string _query;
    private readonly string _fragment;

    private UrlBuilder(string path, string query, string fragment)
    {
        _path = path;
        _query = query;
        _fragment = fragment;
    }

    /// <summary>Begins with a URL, absolute or relative.</summary>
    /// <param name="url">The URL, already escaped.</param>
    public static UrlBuilder Parse(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        var hash = url.IndexOf('#', StringComparison.Ordinal);
        var fragment = hash < 0 ? "" : url[hash..];
        var rest = hash < 0 ? url : url[..hash];
        var mark = rest.IndexOf('?', StringComparison.Ordinal);
        return new UrlBuilder(mark < 0 ? rest : rest[..mark], mark < 0 ? "" : rest[(mark + 1)..], fragment);
    }

    /// <summary>
    /// Appends one path segment. Slashes in it are escaped, and <c>.</c> and <c>..</c> are refused, so that data cannot climb out of its
    /// place.
    /// </summary>
    /// <param name="segment">The segment, unescaped; formatted with the invariant culture.</param>
    /// <exception cref="ArgumentException">The segment is empty, <c>.</c> or <c>..</c>.</exception>
    public UrlBuilder Segment(object segment)
    {
        var text = Text(segment);
        if (text is "" or "." or "..")
            throw new ArgumentException($"'{text}' is no path segment.", nameof(segment));
        return new UrlBuilder($"{_path.TrimEnd('/')}/{Uri.EscapeDataString(text)}", _query, _fragment);
    }

    /// <summary>Appends a query parameter; null appends nothing.</summary>
    /// <param name="name">The name, unescaped.</param>
    /// <param name="value">The value, unescaped; formatted with the invariant culture, <c>true</c> and <c>false</c> in lower case.</param>
    public UrlBuilder Query(string name, object? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (value is null)
            return this;
        var pair = $"{Uri.EscapeDataString(name)}={Uri.EscapeDataString(Text(value))}";
        return new UrlBuilder(_path, _query.Length == 0 ? pair : $"{_query}&{pair}", _fragment);
    }

    /// <summary>Appends query parameters.</summary>
    /// <param name="parameters">Names and values, unescaped.</param>
    public UrlBuilder Query(IEnumerable<KeyValuePair<string, string>> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return parameters.Aggregate(this, (builder, p) => builder.Query(p.Key, p.Value));
    }

    /// <summary>The URL as text.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(_path);
        if (_query.Length > 0)
            text.Append('?').Append(_query);
        return text.Append(_fragment).ToString();
    }

    /// <summary>The URL, absolute or relative.</summary>
    public Uri ToUri() => new(ToString(), UriKind.RelativeOrAbsolute);

    /// <summary>The URL as text, so that a builder can stand where a URL is asked for.</summary>
    /// <param name="builder">The builder.</param>
    public static implicit operator string(UrlBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ToString();
    }

    private static string Text(object value) => value switch
    {
        null => throw new ArgumentNullException(nameof(value)),
        bool flag => flag ? "true" : "false",
        DateTimeOffset time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}

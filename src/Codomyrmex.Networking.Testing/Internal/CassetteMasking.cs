using System.Text;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Takes secrets out of what goes into a cassette.</summary>
internal sealed class CassetteMasking(CassetteOptions options)
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public string Url(string url)
    {
        var query = url.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? Redactor.Redact(url) : $"{Redactor.Redact(url[..query])}?{Redactor.RedactForm(url[(query + 1)..], options.SecretNames)}";
    }

    public string Field(string name, string value) =>
        $"{name}: {(IsSecret(name) || Redactor.IsSecretHeader(name, value) ? Redactor.Mask : IsUrl(name) ? Url(value) : Redactor.Redact(value))}";

    /// <summary>A whole body: JSON and forms by name, other text as far as secrets can be seen in it, bytes as they are.</summary>
    public CassettePart Body(ReadOnlySpan<byte> body, string? contentType) =>
        Redactor.RedactBody(body, contentType, options.SecretNames) is { } text ? new CassettePart(text) : Bytes(body);

    /// <summary>
    /// A record of a stream with its end: the event of an event stream, the line of NDJSON. What is JSON in it is masked by name, as in a body that is nothing else.
    /// </summary>
    public CassettePart Record(ReadOnlySpan<byte> record)
    {
        if (Text(record) is not { } text)
            return Bytes(record);
        var masked = new StringBuilder(text.Length);
        foreach (var line in Lines(text))
        {
            // "data: {…}" or "{…}"; everything before the brace stays.
            var brace = line.IndexOf('{', StringComparison.Ordinal);
            var end = line.AsSpan().TrimEnd("\r\n").Length;
            var json = brace >= 0 && line[..brace].TrimEnd() is "" or "data:" ? Redactor.RedactJson(Encoding.UTF8.GetBytes(line[brace..end]), options.SecretNames) : null;
            masked.Append(json is null ? Redactor.Redact(line) : line[..brace] + json + line[end..]);
        }
        return new CassettePart(masked.ToString());
    }

    public static CassettePart Bytes(ReadOnlySpan<byte> bytes) => new(null, Convert.ToBase64String(bytes));

    /// <summary>The bytes as text; null where they are none.</summary>
    public static string? Text(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Lines(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start) is >= 0 and var feed ? feed + 1 : text.Length;
            yield return text[start..end];
            start = end;
        }
    }

    private static bool IsUrl(string name) => name.Equals("Location", StringComparison.OrdinalIgnoreCase) || name.Equals("Referer", StringComparison.OrdinalIgnoreCase);

    private bool IsSecret(string name) => Redactor.IsSecretName(name) || options.SecretNames.Contains(name, StringComparer.OrdinalIgnoreCase);
}

using System.Text;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Finds a body's character encoding and decodes it.</summary>
internal static class TextDecoding
{
    // How far a browser looks for a meta element (WHATWG HTML, "prescan a byte stream").
    private const int MetaWindow = 1024;
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public static ReadOnlySpan<byte> Utf8Mark => [0xEF, 0xBB, 0xBF];

    public static string Decode(ReadOnlySpan<byte> bytes, MediaType type)
    {
        // A mark beats what the field says: it stands in the data itself (WHATWG Encoding, section 6).
        if (bytes.StartsWith(Utf8Mark))
            return Encoding.UTF8.GetString(bytes[3..]);
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]))
            return Encoding.Unicode.GetString(bytes[2..]);
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]))
            return Encoding.BigEndianUnicode.GetString(bytes[2..]);
        var encoding = Named(type.Charset) ?? (type.IsHtml ? Named(MetaCharset(bytes)) : null);
        if (encoding is not null)
            return encoding.GetString(bytes);
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return (Named("windows-1252") ?? Encoding.Latin1).GetString(bytes);
        }
    }

    /// <summary>The encoding of a name, or null where it is unknown.</summary>
    public static Encoding? Named(string? charset)
    {
        if (string.IsNullOrEmpty(charset))
            return null;
        // What is called Latin-1 on the web is Windows-1252 (WHATWG Encoding, section 4.2).
        if (charset is "iso-8859-1" or "latin1" or "us-ascii" or "ascii")
            charset = "windows-1252";
        if (charset is "utf-8" or "utf8")
            return Encoding.UTF8;
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(charset) ?? Encoding.GetEncoding(charset);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            // Unknown, or UTF-7 under one of its names: it smuggles markup past filters, and no browser decodes it.
            return null;
        }
    }

    /// <summary>The text of a body as UTF-8, whatever it is in: a mark at its beginning says so, or the charset.</summary>
    public static async ValueTask<Stream> ToUtf8Async(Stream body, string? charset, CancellationToken cancellationToken)
    {
        var start = new byte[2];
        var count = await body.ReadAtLeastAsync(start, 2, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        var whole = new PrefixedStream(start.AsMemory(0, count), body);
        var encoding = start switch
        {
            [0xFF, 0xFE] => Encoding.Unicode,
            [0xFE, 0xFF] => Encoding.BigEndianUnicode,
            [0xEF, 0xBB] => Encoding.UTF8,
            _ => Named(charset) ?? Encoding.UTF8,
        };
        return encoding == Encoding.UTF8 ? whole : Encoding.CreateTranscodingStream(whole, encoding, Encoding.UTF8, leaveOpen: true);
    }

    private static string? MetaCharset(ReadOnlySpan<byte> bytes)
    {
        var head = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, MetaWindow)]);
        for (var at = head.IndexOf("<meta", StringComparison.OrdinalIgnoreCase); at >= 0; at = head.IndexOf("<meta", at + 5, StringComparison.OrdinalIgnoreCase))
        {
            var end = head.IndexOf('>', at);
            var element = head.AsSpan(at, (end < 0 ? head.Length : end) - at);
            var value = element.IndexOf("charset=", StringComparison.OrdinalIgnoreCase);
            if (value < 0)
                continue;
            var name = element[(value + 8)..].TrimStart("\"' ");
            var stop = name.IndexOfAny("\"';/> ");
            return (stop < 0 ? name : name[..stop]).ToString().ToLowerInvariant();
        }
        return null;
    }
}

using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>Reads a body as far as it may be taken in; what is longer is cut, which is no error.</summary>
internal static class BodyReader
{
    public static async Task<(ReadOnlyMemory<byte> Bytes, bool IsTruncated)> ReadAsync(Response response, long most, BudgetLease lease, CancellationToken cancellationToken, ProgressNotes? progress = null)
    {
        using var all = new MemoryStream();
        var total = long.TryParse(response.Headers["Content-Length"], out var length) ? length : (long?)null;
        await foreach (var piece in response.ReadBytesAsync(cancellationToken))
        {
            lease.Spend(piece.Length);
            var room = most - all.Length;
            all.Write(piece.Span[..(int)Math.Min(piece.Length, room)]);
            progress?.Report(all.Length, total, null);
            if (piece.Length > room)
                return (all.GetBuffer().AsMemory(0, (int)all.Length), true);
        }
        return (all.GetBuffer().AsMemory(0, (int)all.Length), false);
    }

    /// <summary>The body as text, in the character set that it says; base64 where it is none.</summary>
    public static ToolContent Decode(Response response, ReadOnlyMemory<byte> bytes, bool isTruncated)
    {
        var type = response.ContentType ?? "";
        var at = type.IndexOf("charset=", StringComparison.OrdinalIgnoreCase);
        var name = at < 0 ? "" : type[(at + 8)..].Split(';')[0].Trim(' ', '"', '\'').ToUpperInvariant();
        System.Text.Encoding? encoding = name switch
        {
            "ISO-8859-1" or "LATIN1" or "WINDOWS-1252" => System.Text.Encoding.Latin1,
            "UTF-16" or "UTF-16LE" => System.Text.Encoding.Unicode,
            "UTF-16BE" => System.Text.Encoding.BigEndianUnicode,
            _ => null,
        };
        if (encoding is not null)
            return new ToolContent(encoding.GetString(bytes.Span), false, bytes.Length, isTruncated);
        // What says that it is text is shown as text, though some of its bytes may be none.
        return type.StartsWith("text/", StringComparison.OrdinalIgnoreCase)
            ? new ToolContent(System.Text.Encoding.UTF8.GetString(bytes.Span), false, bytes.Length, isTruncated)
            : ToolContent.Of(bytes.Span, isTruncated);
    }
}

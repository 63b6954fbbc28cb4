using System.Text;

namespace Codomyrmex.Networking.Http.Internal;

internal sealed class BytesBody : RequestBody
{
    private readonly ReadOnlyMemory<byte> _bytes;

    public BytesBody(ReadOnlyMemory<byte> bytes, string? contentType, string? contentEncoding = null)
    {
        if (contentType is not null)
            FieldRules.CheckValue("Content-Type", contentType);
        _bytes = bytes;
        ContentType = contentType;
        ContentEncoding = contentEncoding;
    }

    public override string? ContentType { get; }

    public override string? ContentEncoding { get; }

    public ReadOnlyMemory<byte> Memory => _bytes;

    public override long? Length => _bytes.Length;

    /// <summary>The bytes as text, where they are text without NUL.</summary>
    public string? AsText()
    {
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(_bytes.Span);
            return text.Contains('\0', StringComparison.Ordinal) ? null : text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    public override ValueTask WriteAsync(Stream destination, CancellationToken cancellationToken) => destination.WriteAsync(_bytes, cancellationToken);
}

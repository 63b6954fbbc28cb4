namespace Codomyrmex.Networking.Http.Internal;

internal sealed class BytesBody : RequestBody
{
    private readonly ReadOnlyMemory<byte> _bytes;

    public BytesBody(ReadOnlyMemory<byte> bytes, string? contentType)
    {
        if (contentType is not null)
            FieldRules.CheckValue("Content-Type", contentType);
        _bytes = bytes;
        ContentType = contentType;
    }

    public override string? ContentType { get; }

    public override long? Length => _bytes.Length;

    public override ValueTask WriteAsync(Stream destination, CancellationToken cancellationToken) => destination.WriteAsync(_bytes, cancellationToken);
}

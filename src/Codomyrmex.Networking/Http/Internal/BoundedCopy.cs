namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Takes the bytes of a body up to a limit.</summary>
/// <param name="limit">How many.</param>
/// <param name="exceeded">Makes the error for one more.</param>
internal sealed class BoundedCopy(long limit, Func<Exception> exceeded) : WriteOnlyStream
{
    private readonly MemoryStream _bytes = new();

    public byte[] ToArray() => _bytes.ToArray();

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        if (_bytes.Length + count > limit)
            throw exceeded();
        _bytes.Write(buffer, offset, count);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_bytes.Length + buffer.Length > limit)
            throw exceeded();
        return _bytes.WriteAsync(buffer, cancellationToken);
    }
}

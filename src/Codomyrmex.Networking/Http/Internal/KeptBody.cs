namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A body as it was once written down, in the coding that it then had.</summary>
internal sealed class KeptBody(byte[] bytes, string? contentType, string? contentEncoding) : RequestBody
{
    public override string? ContentType => contentType;

    public override string? ContentEncoding => contentEncoding;

    public override long? Length => bytes.Length;

    public override ValueTask WriteAsync(Stream destination, CancellationToken cancellationToken) => destination.WriteAsync(bytes, cancellationToken);
}

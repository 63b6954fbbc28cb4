using System.IO.Compression;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// Undoes one content coding, and adds what the platform's decoders leave out: an early end is an error, and so is a bomb.
/// </summary>
internal sealed class DecodedStream(CodedStream coded, CodedStream wire, string coding, int ratio, Endpoint endpoint) : ReadOnlyStream
{
    private const int FreeOfRatio = 1024 * 1024;

    // Ten bytes of header, eight of trailer (RFC 1952, section 2.3).
    private const int SmallestGzip = 18;

    private Stream? _decoder;
    private long _bytes;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        _decoder ??= await OpenAsync(cancellationToken).ConfigureAwait(false);
        int count;
        try
        {
            count = await _decoder.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is InvalidDataException or InvalidOperationException)
        {
            throw Failure(ErrorCodes.HttpDecode, $"The body from {endpoint} is not valid {coding}{(_decoder is ZstdStream ? ": " + error.Message : "")}.", error);
        }
        if (count == 0 && !IsComplete())
            throw Failure(ErrorCodes.HttpTruncated, $"The {coding} body from {endpoint} ended early, after {_bytes} decoded bytes.", null);
        if (count == 0 && !coded.SawEnd && await coded.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false) > 0)
            throw Failure(ErrorCodes.HttpDecode, $"The body from {endpoint} has more bytes behind the end of its {coding} part.", null);
        _bytes += count;
        if (_bytes > FreeOfRatio && _bytes / ratio > wire.Bytes)
        {
            throw Failure(ErrorCodes.HttpTooLarge,
                $"The body from {endpoint} grew from {wire.Bytes} to more than {_bytes} bytes; {ratio}-fold is allowed (ResponseLimits.DecompressionRatio).", null);
        }
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _decoder?.Dispose();
            coded.Dispose();
        }
        base.Dispose(disposing);
    }

    private async ValueTask<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        if (coding == "br")
            return new BrotliStream(coded, CompressionMode.Decompress);
        if (coding == "zstd")
            return new ZstdStream(coded);
        if (coding != "deflate")
            return new GZipStream(coded, CompressionMode.Decompress);
        // "deflate" means the zlib format (RFC 9110, section 8.4.1.2); some servers send raw deflate. A zlib header tells them apart.
        var head = await coded.PeekAsync(cancellationToken).ConfigureAwait(false);
        var isZlib = head.Length == 2 && (head.Span[0] & 0x0f) == 8 && ((head.Span[0] << 8) | head.Span[1]) % 31 == 0;
        return isZlib ? new ZLibStream(coded, CompressionMode.Decompress) : new DeflateStream(coded, CompressionMode.Decompress);
    }

    // A decoder of deflate or br that found its end has no reason to read on, so the source's end means that it did not. The gzip
    // decoder reads on for another member; its trailer has the length instead.
    private bool IsComplete()
    {
        if (coded.Bytes == 0)
            return true;
        if (_decoder is ZstdStream zstd)
            return zstd.IsComplete;
        if (coding is "br" or "deflate")
            return !coded.SawEnd;
        return coded.Bytes > SmallestGzip && (coded.GzipSize == (uint)_bytes || (coded.MayHaveMembers && coded.GzipSize < _bytes));
    }

    private NetworkException Failure(string code, string message, Exception? inner) => new NetworkFailure
    {
        Code = code,
        Message = message,
        Phase = NetworkPhase.Receive,
        Endpoint = endpoint,
        WasSent = WasSent.Yes,
    }.ToException(inner);
}

using System.IO.Compression;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>Deflates messages for one connection (RFC 7692, section 7.2.1). Not thread-safe.</summary>
internal sealed class Deflater(CompressionLevel level, bool keepsContext) : IDisposable
{
    private const int TailLength = 4;
    private const int KeptBytes = 64 * 1024;

    private readonly MemoryFeed _feed = new();
    private DeflateStream? _stream;

    /// <summary>Deflates a message, which is not empty.</summary>
    /// <returns>The payload of its frame; it holds until the next call.</returns>
    public ReadOnlyMemory<byte> Deflate(ReadOnlySpan<byte> message)
    {
        _feed.Clear(KeptBytes);
        _stream ??= new DeflateStream(_feed, level, leaveOpen: true);
        _stream.Write(message);
        _stream.Flush();
        var payload = _feed.Written[..^TailLength];
        if (!keepsContext)
        {
            // The platform's stream cannot forget; another one can.
            _stream.Dispose();
            _stream = null;
        }
        return payload;
    }

    public void Dispose() => _stream?.Dispose();
}

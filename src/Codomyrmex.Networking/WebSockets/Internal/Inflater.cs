using System.IO.Compression;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>
/// Inflates the messages of one connection (RFC 7692, section 7.2.2), as one deflate stream: a server that keeps no context between messages refers to
/// none, so that keeping it does no harm. Not thread-safe.
/// </summary>
internal sealed class Inflater : IDisposable
{
    // The empty block that the sender has left out, section 7.2.1.
    private static readonly byte[] Tail = [0x00, 0x00, 0xff, 0xff];

    private readonly MemoryFeed _feed = new();
    private DeflateStream? _stream;
    private bool _isOver;

    /// <summary>Gives the next part of a message. It must stay as it is until <see cref="Read"/> has returned 0.</summary>
    public void Give(byte[] array, int offset, int count) => _feed.Give(array, offset, count);

    /// <summary>The message has been given whole.</summary>
    public void GiveTail() => Give(Tail, 0, Tail.Length);

    /// <summary>Inflates into a target.</summary>
    /// <returns>The number of bytes; 0 where all that was given has been used.</returns>
    /// <exception cref="InvalidDataException">It is not deflate.</exception>
    public int Read(Span<byte> target)
    {
        if (_isOver)
            return 0;
        var count = (_stream ??= new DeflateStream(_feed, CompressionMode.Decompress, leaveOpen: true)).Read(target);
        // It ended with a final block, as section 7.2.3.4 allows. What stands behind that the platform's stream has swallowed, so that nothing of it counts.
        _isOver = count == 0 && _feed.HasUnread;
        return count;
    }

    /// <summary>The message has been inflated whole.</summary>
    public void EndMessage()
    {
        if (!_isOver)
            return;
        Dispose();
        (_stream, _isOver) = (null, false);
    }

    public void Dispose() => _stream?.Dispose();
}

using System.Buffers.Binary;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// The coded bytes on their way to a decoder. It remembers what the platform's decoders do not tell: whether they ran into the end,
/// how many bytes there were, and the last eight of them.
/// </summary>
internal sealed class CodedStream(Stream inner) : ReadOnlyStream
{
    private static readonly byte[] GzipMagic = [0x1f, 0x8b, 0x08];
    private readonly byte[] _tail = new byte[8];
    private byte[] _peeked = [];

    public long Bytes { get; private set; }

    public bool SawEnd { get; private set; }

    /// <summary>Whether another gzip member may have begun after the first (RFC 1952, section 2.2).</summary>
    public bool MayHaveMembers { get; private set; }

    /// <summary>The length of the last gzip member's content, modulo 2^32 (RFC 1952, section 2.3.1).</summary>
    public uint GzipSize => BinaryPrimitives.ReadUInt32LittleEndian(_tail.AsSpan(4));

    /// <summary>Looks at the first two bytes without taking them.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> PeekAsync(CancellationToken cancellationToken)
    {
        var start = new byte[2];
        var count = await inner.ReadAtLeastAsync(start, 2, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        _peeked = start[..count];
        return _peeked;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count;
        if (_peeked.Length > 0)
        {
            count = Math.Min(_peeked.Length, buffer.Length);
            _peeked.AsSpan(0, count).CopyTo(buffer.Span);
            _peeked = _peeked[count..];
        }
        else
        {
            count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        if (count == 0)
            SawEnd |= buffer.Length > 0;
        else
            Note(buffer.Span[..count]);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private void Note(ReadOnlySpan<byte> bytes)
    {
        // Only bytes after the smallest possible first member count.
        MayHaveMembers |= Bytes > 0 ? bytes.IndexOf(GzipMagic) >= 0 : bytes.Length > 18 && bytes[18..].IndexOf(GzipMagic) >= 0;
        Bytes += bytes.Length;
        if (bytes.Length < _tail.Length)
        {
            _tail.AsSpan(bytes.Length).CopyTo(_tail);
            bytes.CopyTo(_tail.AsSpan(_tail.Length - bytes.Length));
        }
        else
        {
            bytes[^_tail.Length..].CopyTo(_tail);
        }
    }
}

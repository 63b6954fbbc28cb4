using System.Buffers;
using Codomyrmex.Networking.Http.Protocol;
using ZstdSharp;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// Undoes Zstandard (RFC 8878). It walks from frame to frame by itself and hands the decoder no more than one, so a window that is too large
/// (RFC 9659) or a dictionary is refused before the decoder sees the frame, and no memory is taken for it.
/// </summary>
internal sealed class ZstdStream(Stream coded) : ReadOnlyStream
{
    private const int BufferSize = 16 * 1024;

    private readonly Decompressor _decoder = MakeDecoder();
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private int _start;
    private int _end;
    private bool _sawEnd;

    // The frame under way: the bytes of it that are known to follow, whether they are its last, and what its last block has behind it.
    private bool _inFrame;
    private long _left;
    private bool _isLast;
    private int _checksum;

    /// <summary>Whether the source ended where a frame did.</summary>
    public bool IsComplete => _sawEnd && !_inFrame && _start == _end;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            while (true)
            {
                if (!_inFrame && !await BeginFrameAsync(cancellationToken).ConfigureAwait(false))
                    return 0;
                if (_left == 0 && !_isLast && !await BeginBlockAsync(cancellationToken).ConfigureAwait(false))
                    return 0;
                if (_left > 0 && _start == _end && !await FillAsync(cancellationToken).ConfigureAwait(false))
                    return 0;
                if (Decode(buffer.Span) is > 0 and var count)
                    return count;
            }
        }
        catch (Exception error) when (error is FormatException or ZstdException)
        {
            throw new InvalidDataException(error.Message, error);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && _buffer.Length > 0)
        {
            _decoder.Dispose();
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
        base.Dispose(disposing);
    }

    // Its own limit, beside the one that is read from each header: 2 to the power of 23 is 8 MiB.
    private static Decompressor MakeDecoder()
    {
        var decoder = new Decompressor();
        decoder.SetParameter(ZstdSharp.Unsafe.ZSTD_dParameter.ZSTD_d_windowLogMax, 23);
        return decoder;
    }

    private async ValueTask<bool> BeginFrameAsync(CancellationToken cancellationToken)
    {
        while (ZstdFrame.Missing(_buffer.AsSpan(_start, _end - _start)) > 0)
        {
            if (!await FillAsync(cancellationToken).ConfigureAwait(false))
                return false;
        }
        var frame = ZstdFrame.Read(_buffer.AsSpan(_start, Math.Min(_end - _start, ZstdFrame.MaxHeader)));
        if (frame.Window > ZstdFrame.MaxWindow)
            throw new FormatException($"it asks for a window of {frame.Window} bytes; {ZstdFrame.MaxWindow} are allowed (RFC 9659)");
        if (frame.Dictionary != 0)
            throw new FormatException($"it needs the dictionary {frame.Dictionary}, which nobody agreed on");
        (_inFrame, _left, _isLast, _checksum) = (true, frame.Length, frame.IsSkippable, frame.HasChecksum ? 4 : 0);
        return true;
    }

    private async ValueTask<bool> BeginBlockAsync(CancellationToken cancellationToken)
    {
        while (_end - _start < ZstdFrame.BlockHeader)
        {
            if (!await FillAsync(cancellationToken).ConfigureAwait(false))
                return false;
        }
        (var length, _isLast) = ZstdFrame.ReadBlock(_buffer.AsSpan(_start, ZstdFrame.BlockHeader));
        _left = ZstdFrame.BlockHeader + length + (_isLast ? _checksum : 0);
        return true;
    }

    private int Decode(Span<byte> destination)
    {
        var source = _buffer.AsSpan(_start, (int)Math.Min(_left, _end - _start));
        var status = _decoder.UnwrapStream(source, destination, out var consumed, out var written);
        _start += consumed;
        _left -= consumed;
        if (status == OperationStatus.Done && _left == 0 && _isLast)
            _inFrame = false;
        else if (status == OperationStatus.InvalidData || (consumed == 0 && written == 0))
            throw new FormatException("its blocks do not decode");
        return written;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        var count = await coded.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += count;
        _sawEnd |= count == 0;
        return count > 0;
    }
}

using System.Buffers;
using System.Runtime.CompilerServices;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A body piece by piece as it arrives, in one pooled buffer.</summary>
/// <param name="body">The body.</param>
/// <param name="longestLine">
/// Where the reader wants lines, how long one may be: the beginning of a line is kept here for its rest, so that the line lies in one piece, unless there is
/// too much of it. Null where the reader wants bytes as they come.
/// </param>
internal sealed class BodyChunks(Stream body, int? longestLine = null) : IDisposable
{
    private const int Size = 16 * 1024;
    private const int MostKept = Size / 2;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Size);
    private int _at;
    private int _end;

    // Where what has arrived ends: behind what may be taken, where a line has begun.
    private int _count;
    private bool _isLineCut;
    private bool _isOver;

    /// <summary>What has arrived and has not been taken. Setting it takes the bytes before a rest of it.</summary>
    public ReadOnlySpan<byte> Unread
    {
        get => _buffer.AsSpan(_at, _end - _at);
        set => _at = _end - value.Length;
    }

    /// <summary>Reads the next piece in place of the last one; false at the end.</summary>
    public ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        var kept = _count - _end;
        if (kept > 0)
            _buffer.AsSpan(_end, kept).CopyTo(_buffer);
        (_at, _end, _count) = (0, 0, kept);
        if (_isOver)
            return new ValueTask<bool>(false);
        var pending = body.ReadAsync(kept == 0 ? _buffer : _buffer.AsMemory(kept), cancellationToken);
        return pending.IsCompletedSuccessfully ? new ValueTask<bool>(Took(pending.Result)) : TakeAsync(pending);
    }

    public void Dispose()
    {
        _at = _end = _count = 0;
        if (Interlocked.Exchange(ref _buffer, []) is { Length: > 0 } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> TakeAsync(ValueTask<int> pending) => Took(await pending.ConfigureAwait(false));

    private bool Took(int count)
    {
        var kept = _count;
        _end = _count += count;
        if (longestLine is not { } longest)
            return count > 0;
        // What the end leaves unfinished is for the reader to judge.
        if (_isOver = count == 0)
            return kept > 0;
        var begun = count - 1 - _buffer.AsSpan(kept, count).LastIndexOfAny((byte)'\n', (byte)'\r');
        if (begun == count)
        {
            // A line whose beginning was given out goes there whole: it is the reader who knows how long it is.
            if (_isLineCut)
                return true;
            begun += kept;
        }
        _isLineCut = begun > Math.Min(longest, MostKept);
        if (!_isLineCut)
            _end -= begun;
        return true;
    }
}

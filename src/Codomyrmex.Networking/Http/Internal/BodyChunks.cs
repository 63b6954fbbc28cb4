using System.Buffers;
using System.Runtime.CompilerServices;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A body piece by piece as it arrives, in one pooled buffer.</summary>
internal sealed class BodyChunks(Stream body) : IDisposable
{
    private const int Size = 16 * 1024;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Size);
    private int _at;
    private int _count;

    /// <summary>What has arrived and has not been taken. Setting it takes the bytes before a rest of it.</summary>
    public ReadOnlySpan<byte> Unread
    {
        get => _buffer.AsSpan(_at, _count - _at);
        set => _at = _count - value.Length;
    }

    /// <summary>Reads the next piece in place of the last one; false at the end.</summary>
    public ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        _at = _count = 0;
        var pending = body.ReadAsync(_buffer, cancellationToken);
        return pending.IsCompletedSuccessfully ? new ValueTask<bool>(Took(pending.Result)) : TakeAsync(pending);
    }

    public void Dispose()
    {
        _at = _count = 0;
        if (Interlocked.Exchange(ref _buffer, []) is { Length: > 0 } buffer)
            ArrayPool<byte>.Shared.Return(buffer);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> TakeAsync(ValueTask<int> pending) => Took(await pending.ConfigureAwait(false));

    private bool Took(int count) => (_count = count) > 0;
}

using System.Buffers;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>Memory that was received into. It goes back to the pool when the last who needs it has let go: the reader, and each batch of pieces that lie in it.</summary>
internal sealed class ReceiveBuffer
{
    private int _holders = 1;

    private ReceiveBuffer(byte[] array) => Array = array;

    public byte[] Array { get; }

    public int Size => Array.Length;

    /// <summary>Whether the reader alone holds it, so that it can be filled from its beginning again.</summary>
    public bool IsOnlyMine => Volatile.Read(ref _holders) == 1;

    public static ReceiveBuffer Rent(int size) => new(ArrayPool<byte>.Shared.Rent(size));

    public void Hold() => Interlocked.Increment(ref _holders);

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            ArrayPool<byte>.Shared.Return(Array);
    }
}

using System.Net.Sockets;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Bytes from memory that end in a broken connection.</summary>
internal sealed class BreakingStream(ReadOnlyMemory<byte> bytes, int breakAfter) : ReadOnlyStream
{
    private ReadOnlyMemory<byte> _left = bytes[..Math.Min(bytes.Length, breakAfter)];

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left.IsEmpty)
            throw new IOException("The mock breaks the connection as it was told to.", new SocketException((int)SocketError.ConnectionReset));
        var count = Math.Min(buffer.Length, _left.Length);
        _left[..count].CopyTo(buffer);
        _left = _left[count..];
        return new ValueTask<int>(count);
    }
}

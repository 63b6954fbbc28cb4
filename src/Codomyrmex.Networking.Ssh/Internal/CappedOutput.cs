using System.Buffers;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Collects what a command writes to one of its streams, up to a limit.</summary>
internal sealed class CappedOutput(int most)
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    /// <summary>Reads a stream to its end; false where it has more than the limit.</summary>
    public async Task<bool> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        while (true)
        {
            var count = await stream.ReadAsync(_bytes.GetMemory(4096), cancellationToken).ConfigureAwait(false);
            if (count == 0)
                return true;
            if (_bytes.WrittenCount + count > most)
                return false;
            _bytes.Advance(count);
        }
    }

    public bool Add(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.WrittenCount + bytes.Length > most)
            return false;
        _bytes.Write(bytes);
        return true;
    }
}

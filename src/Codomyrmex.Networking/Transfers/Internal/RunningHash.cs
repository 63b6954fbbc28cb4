using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>
/// The SHA-256 of a file that is being written: takes what is written in order on the way, and reads the rest back at the end. Thread-safe.
/// </summary>
internal sealed class RunningHash : IDisposable
{
    private const int BufferSize = 256 * 1024;

    private readonly Lock _lock = new();
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _position;

    /// <summary>Takes a block if it is the next one; others are read back later.</summary>
    public void Offer(long offset, ReadOnlySpan<byte> block)
    {
        lock (_lock)
        {
            if (offset != _position)
                return;
            _hash.AppendData(block);
            _position += block.Length;
        }
    }

    public void Reset()
    {
        lock (_lock)
        {
            _ = _hash.GetHashAndReset();
            _position = 0;
        }
    }

    /// <summary>The hash of the file's first bytes.</summary>
    public byte[] Finish(SafeFileHandle file, long length, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            var buffer = new byte[(int)Math.Min(BufferSize, length - _position)];
            while (_position < length)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var count = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - _position)), _position);
                if (count == 0)
                    throw new EndOfStreamException("The file is shorter than what was written to it.");
                _hash.AppendData(buffer.AsSpan(0, count));
                _position += count;
            }
            return _hash.GetCurrentHash();
        }
    }

    public void Dispose() => _hash.Dispose();
}

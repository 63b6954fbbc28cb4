using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Cli;

/// <summary>
/// Standard output or error, written to directly. The platform's console stream would set up the terminal first, and it ignores that
/// a pipe's reader has left; a file stream would write at its own position into a file that other processes share.
/// </summary>
internal sealed unsafe partial class DescriptorStream(int descriptor) : Stream
{
    private const int Interrupted = 4; // EINTR
    private const int TryAgain = 11; // EAGAIN on Linux
    private const int TryAgainDarwin = 35;
    private const int BrokenPipe = 32; // EPIPE

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <exception cref="OutputClosedException">The reader of the pipe has left.</exception>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            nint written;
            fixed (byte* start = buffer)
                written = Write(descriptor, start, buffer.Length);
            if (written >= 0)
                buffer = buffer[(int)written..];
            else
                Recover(Marshal.GetLastPInvokeError());
        }
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Returns where writing is worth another try.</summary>
    private void Recover(int error)
    {
        switch (error)
        {
            case Interrupted:
                return;
            case TryAgain or TryAgainDarwin:
                // Somebody made the descriptor that we share non-blocking.
                var wait = new PollRequest { Descriptor = descriptor, Events = 4 };
                _ = Poll(&wait, 1, -1);
                return;
            case BrokenPipe:
                throw new OutputClosedException(new IOException(Marshal.GetPInvokeErrorMessage(error)));
            default:
                throw new NetworkFailure
                {
                    Code = ErrorCodes.LocalIo,
                    Message = $"Standard {(descriptor == 1 ? "output" : "error")} cannot be written: {Marshal.GetPInvokeErrorMessage(error)}.",
                    Hint = "Check what the output goes to.",
                }.ToException();
        }
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollRequest* requests, nuint count, int timeout);

    // struct pollfd
    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}

using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Cli;

/// <summary>
/// Standard input, output or error, read and written directly. The platform's console stream would set up the terminal first, with control sequences
/// of its own, and it ignores that a pipe's reader has left; a file stream would write at its own position into a file that other processes share.
/// </summary>
internal sealed unsafe partial class DescriptorStream(int descriptor) : Stream
{
    private const int Interrupted = 4; // EINTR
    private const int TryAgain = 11; // EAGAIN on Linux
    private const int TryAgainDarwin = 35;
    private const int BrokenPipe = 32; // EPIPE
    private const short PollIn = 1;
    private const short PollOut = 4;

    public override bool CanRead => descriptor == 0;

    public override bool CanSeek => false;

    public override bool CanWrite => descriptor != 0;

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
                Recover(Marshal.GetLastPInvokeError(), PollOut);
        }
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            nint read;
            fixed (byte* start = buffer)
                read = Read(descriptor, start, buffer.Length);
            if (read >= 0)
                return (int)read;
            Recover(Marshal.GetLastPInvokeError(), PollIn);
        }
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Returns where it is worth another try.</summary>
    private void Recover(int error, short events)
    {
        switch (error)
        {
            case Interrupted:
                return;
            case TryAgain or TryAgainDarwin:
                // Somebody made the descriptor that we share non-blocking.
                var wait = new PollRequest { Descriptor = descriptor, Events = events };
                _ = Poll(&wait, 1, -1);
                return;
            case BrokenPipe:
                throw new OutputClosedException(new IOException(Marshal.GetPInvokeErrorMessage(error)));
            default:
                throw new NetworkFailure
                {
                    Code = ErrorCodes.LocalIo,
                    Message = $"Standard {descriptor switch { 0 => "input cannot be read", 1 => "output cannot be written", _ => "error cannot be written" }}: {Marshal.GetPInvokeErrorMessage(error)}.",
                    Hint = descriptor == 0 ? "Check what the input comes from." : "Check what the output goes to.",
                }.ToException();
        }
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, byte* buffer, nint count);

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

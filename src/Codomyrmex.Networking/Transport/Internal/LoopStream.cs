using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// A connection that an <see cref="EventLoop"/> looks after. What need not wait completes at once. One read and one write may be under way at a time. Who
/// forgets it closes it.
/// </summary>
internal sealed class LoopStream : DuplexStream, ISocketEnd
{
    private readonly LoopSocket _socket;

    private LoopStream(LoopSocket socket) => _socket = socket;

    ~LoopStream() => _socket.Close();

    public StreamSocket Socket => _socket.Socket;

    public EndPoint? Local => _socket.Local;

    public EndPoint? Remote => _socket.Remote;

    public int Available => _socket.Available;

    public TcpState State => _socket.State;

    /// <summary>Takes over a socket that was accepted. It enters its loop with <see cref="Begin"/>, or when somebody waits.</summary>
    public static LoopStream Accepted(StreamSocket socket, EndPoint? remote) => new(new LoopSocket(socket, remote));

    /// <summary>Connects a socket, and takes it over.</summary>
    /// <exception cref="SocketException">It cannot be connected.</exception>
    public static async Task<LoopStream> ConnectAsync(StreamSocket socket, EndPoint remote, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var isConnected = socket.Connect(remote);
        var connection = new LoopSocket(socket, remote);
        try
        {
            if (!isConnected)
                connection.Sending.TryTake();
            connection.Join();
            if (!isConnected)
                await connection.Sending.WaitAsync(cancellationToken).ConfigureAwait(false);
            connection.ThrowIfNotConnected();
            return new LoopStream(connection);
        }
        catch
        {
            connection.Close();
            throw;
        }
    }

    /// <summary>Lets the loop look after it, and runs something as its first event.</summary>
    public void Begin(Action<object?> action, object? state)
    {
        try
        {
            _socket.Join(action, state);
        }
        catch (SocketException)
        {
            // Whoever begins finds it closed.
            Abort();
            ThreadPool.UnsafeQueueUserWorkItem(action, state, preferLocal: false);
        }
    }

    public void EndSending() => _socket.EndSending();

    public void Abort()
    {
        GC.SuppressFinalize(this);
        _socket.Abort();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<int>(cancellationToken);
        try
        {
            var count = _socket.MayRead() ? _socket.Receive(buffer.Span) : StreamSocket.WouldBlock;
            return count == StreamSocket.WouldBlock ? WaitAsync(buffer, cancellationToken) : new ValueTask<int>(count);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            return ValueTask.FromException<int>(error);
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        try
        {
            var count = _socket.Send(buffer.Span);
            return count == buffer.Length ? default : WaitAsync(buffer[count..], cancellationToken);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            return ValueTask.FromException(error);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

    protected override void Dispose(bool disposing)
    {
        GC.SuppressFinalize(this);
        _socket.Close();
        base.Dispose(disposing);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            _socket.Join();
            int count;
            do
            {
                await _socket.Receiving.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            while ((count = _socket.Receive(buffer.Span)) == StreamSocket.WouldBlock);
            return count;
        }
        catch (ObjectDisposedException error)
        {
            throw Aborted(error);
        }
        catch (SocketException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WaitAsync(ReadOnlyMemory<byte> rest, CancellationToken cancellationToken)
    {
        try
        {
            _socket.Join();
            while (!rest.IsEmpty)
            {
                await _socket.Sending.WaitAsync(cancellationToken).ConfigureAwait(false);
                rest = rest[_socket.Send(rest.Span)..];
            }
        }
        catch (ObjectDisposedException error)
        {
            throw Aborted(error);
        }
        catch (SocketException error)
        {
            throw new IOException(error.Message, error);
        }
    }

    // As the platform's stream says it of what was under way when this side closed it.
    private static IOException Aborted(ObjectDisposedException error) => new(error.Message, new SocketException((int)SocketError.OperationAborted));
}

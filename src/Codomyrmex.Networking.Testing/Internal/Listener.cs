using System.Net;
using System.Net.Sockets;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Accepts connections, runs a task for each, and ends them all when it is disposed of.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly Func<Socket, int, CancellationToken, Task> _serve;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<int, (Socket Socket, Task Task)> _open = [];
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
    private readonly Lock _lock = new();
    private readonly Task _accepting;
    private readonly string? _path;
    private int _accepted;
    private bool _disposed;

    private Listener(Socket socket, Func<Socket, int, CancellationToken, Task> serve, string? path)
    {
        _socket = socket;
        _serve = serve;
        _path = path;
        Stopping = _stop.Token;
        EndPoint = socket.LocalEndPoint as IPEndPoint;
        _accepting = Task.Run(AcceptAsync);
    }

    public IPEndPoint? EndPoint { get; }

    public int Accepted => Volatile.Read(ref _accepted);

    public int Open
    {
        get
        {
            lock (_lock)
                return _open.Count;
        }
    }

    public CancellationToken Stopping { get; }

    public static Listener Start(IPEndPoint endPoint, Func<Socket, int, CancellationToken, Task> serve)
    {
        if (!IPAddress.IsLoopback(endPoint.Address))
            throw new ArgumentException($"Test servers listen on loopback addresses only, not on {endPoint.Address}.", nameof(endPoint));
        return Start(new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp), endPoint, serve, null);
    }

    public static Listener Start(string unixSocketPath, Func<Socket, int, CancellationToken, Task> serve) => Start(
        new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified), new UnixDomainSocketEndPoint(unixSocketPath), serve, unixSocketPath);

    /// <summary>Completes when this many connections were accepted since the start.</summary>
    public Task WhenAcceptedAsync(int count, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_accepted >= count)
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((count, reached));
            return reached.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Stops accepting, and cancels and closes what is open; waits for the tasks, but at most five seconds for one that does not listen.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] tasks;
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
        }
        await _stop.CancelAsync().ConfigureAwait(false);
        _socket.Dispose();
        await _accepting.ConfigureAwait(false);
        lock (_lock)
        {
            foreach (var (socket, _) in _open.Values)
                socket.Dispose();
            tasks = [.. _open.Values.Select(static entry => entry.Task)];
            foreach (var (_, reached) in _waiting)
                reached.TrySetCanceled();
        }
        var all = Task.WhenAll(tasks);
        await Task.WhenAny(all, Task.Delay(TimeSpan.FromSeconds(5), CancellationToken.None)).ConfigureAwait(false);
        if (_path is not null)
            File.Delete(_path);
        _stop.Dispose();
    }

    private static Listener Start(Socket socket, EndPoint endPoint, Func<Socket, int, CancellationToken, Task> serve, string? path)
    {
        try
        {
            socket.Bind(endPoint);
            socket.Listen(1024);
            return new Listener(socket, serve, path);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task AcceptAsync()
    {
        while (!Stopping.IsCancellationRequested)
        {
            Socket connection;
            try
            {
                connection = await _socket.AcceptAsync(Stopping).ConfigureAwait(false);
            }
            catch (SocketException error) when (!Stopping.IsCancellationRequested
                && error.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset)
            {
                continue; // The peer went away before it was accepted.
            }
            catch (SocketException) when (!Stopping.IsCancellationRequested)
            {
                // Most likely no descriptors are left; some connection will end and free one.
                await Task.Delay(TimeSpan.FromMilliseconds(20), CancellationToken.None).ConfigureAwait(false);
                continue;
            }
            catch (Exception error) when (error is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            if (connection.ProtocolType == ProtocolType.Tcp)
                connection.NoDelay = true;
            lock (_lock)
            {
                var number = ++_accepted;
                _open[number] = (connection, Task.Run(() => ServeAsync(connection, number)));
                for (var i = _waiting.Count - 1; i >= 0; i--)
                {
                    if (_waiting[i].Count > number)
                        continue;
                    _waiting[i].Reached.TrySetResult();
                    _waiting.RemoveAt(i);
                }
            }
        }
    }

    private async Task ServeAsync(Socket connection, int number)
    {
        try
        {
            await _serve(connection, number, Stopping).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The peer, or the end of the server, broke the connection: nobody is left to tell.
        }
        finally
        {
            connection.Dispose();
            lock (_lock)
                _open.Remove(number);
        }
    }
}

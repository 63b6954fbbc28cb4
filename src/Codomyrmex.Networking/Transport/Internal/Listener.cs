using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>A socket that listens: the one way into the process. What it accepts it hands out as the lowest stream of a connection.</summary>
internal sealed class Listener : IDisposable
{
    private readonly Socket _socket;
    private readonly SocketTuning _tuning;
    private readonly string? _path;
    private readonly Arrivals? _arrivals;
    private int _isDisposed;

    private Listener(Socket socket, SocketTuning tuning, string? path)
    {
        _socket = socket;
        _tuning = tuning;
        _path = path;
        EndPoint = socket.LocalEndPoint!;
        _arrivals = EventLoop.IsSupported ? new Arrivals(socket.SafeHandle) : null;
    }

    /// <summary>Where it listens, with the port that the system chose.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>Opens it.</summary>
    /// <param name="endPoint">An IP address and port, or the path of a Unix-domain socket.</param>
    /// <param name="backlog">Connections that the system keeps until they are accepted.</param>
    /// <param name="dualStack">Whether <c>[::]</c> takes IPv4 too (RFC 3493, section 5.3).</param>
    /// <param name="tuning">The settings of what it accepts.</param>
    public static Listener Open(EndPoint endPoint, int backlog, bool dualStack, SocketTuning tuning)
    {
        var path = (endPoint as UnixDomainSocketEndPoint)?.ToString();
        Socket? socket = null;
        try
        {
            socket = path is null
                ? new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
                : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = dualStack;
            // On Linux, what is accepted inherits everything. The sizes it inherits elsewhere too; the window is agreed on before anybody could set them.
            if (path is null && EventLoop.IsSupported)
                tuning.Apply(socket);
            else
                tuning.ApplyBuffers(socket);
            socket.Bind(endPoint);
            socket.Listen(backlog);
            // Whoever asks for a connection where there is none is told so, and not kept.
            socket.Blocking = !EventLoop.IsSupported;
            return new Listener(socket, tuning, path);
        }
        catch (SocketException error)
        {
            socket?.Dispose();
            var code = ErrorMap.Code(error.SocketErrorCode) == ErrorCodes.LocalDescriptors ? ErrorCodes.LocalDescriptors : ErrorCodes.LocalAddress;
            throw new NetworkFailure
            {
                Code = code,
                Message = $"Listening on {(path is null ? endPoint : "unix:" + path)} failed: {error.Message}.",
                Phase = NetworkPhase.Connect,
                Endpoint = endPoint is IPEndPoint ip ? Endpoint.Of(ip) : new Endpoint(path!, 0),
            }.ToException(error);
        }
    }

    /// <summary>
    /// Takes the next connection. Throws a <see cref="ConnectionException"/> where there is none to take now, but may be later:
    /// <c>local.descriptors</c>, or <c>tcp.reset</c> for a peer that left before it was accepted.
    /// </summary>
    /// <exception cref="ObjectDisposedException">It was closed.</exception>
    public async ValueTask<WireEnd> AcceptAsync(CancellationToken cancellationToken)
    {
        Socket? socket = null;
        try
        {
            if (_arrivals is not null)
                return new WireEnd(await _arrivals.NextAsync(cancellationToken).ConfigureAwait(false));
            socket = await _socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
            if (_path is null)
                _tuning.Apply(socket);
            return new WireEnd(new NetworkStream(socket, ownsSocket: true));
        }
        catch (SocketException error) when (error.SocketErrorCode != SocketError.OperationAborted)
        {
            socket?.Dispose();
            var code = ErrorMap.Code(error.SocketErrorCode);
            throw new NetworkFailure
            {
                Code = code == ErrorCodes.LocalDescriptors ? code : ErrorCodes.TcpReset,
                Message = $"A connection to {EndPoint} could not be accepted: {error.Message}.",
                Phase = NetworkPhase.Connect,
            }.ToException(error);
        }
        catch (SocketException error)
        {
            throw new ObjectDisposedException(nameof(Listener), error);
        }
    }

    /// <summary>Closes it. The file of a Unix-domain socket goes with it.</summary>
    public void Dispose()
    {
        // A second time, the file may be the next server's.
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        _arrivals?.Close();
        _socket.Dispose();
        if (_path is not null)
            File.Delete(_path);
    }

    /// <summary>The connections that have arrived, by the event loop.</summary>
    private sealed class Arrivals : LoopSource
    {
        private readonly SafeHandle _socket;
        private readonly Readiness _readiness = new();

        public Arrivals(SafeHandle socket)
        {
            _socket = socket;
            Loop.Add(socket, this);
        }

        public override void Ready(PollEvents events)
        {
            if (_readiness.Mark())
                _readiness.Wake(GoesOnHere());
        }

        public async ValueTask<LoopStream> NextAsync(CancellationToken cancellationToken)
        {
            while (true)
            {
                while (_readiness.TryTake())
                {
                    StreamSocket? accepted;
                    EndPoint? remote;
                    try
                    {
                        accepted = StreamSocket.Accept(_socket, out remote);
                    }
                    catch (SocketException)
                    {
                        // It waits still, and is not told of again.
                        _readiness.Set();
                        throw;
                    }
                    if (accepted is null)
                        continue;
                    // There may be more, which is told once.
                    _readiness.Set();
                    return LoopStream.Accepted(accepted, remote);
                }
                await _readiness.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        public void Close()
        {
            Loop.Remove(this);
            _readiness.Close();
        }
    }
}

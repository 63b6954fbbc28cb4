using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Protocol;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Ssh;

public sealed partial class SSHClient
{
    private static readonly ConditionalWeakTable<Multiplexer, RemoteForwards> RemoteForwardsOf = [];

    /// <summary>
    /// Opens a connection from the server to a host that it can reach (RFC 4254, section 7.2). The server resolves the name. To send another client's connections this way, give
    /// <see cref="DialAsync"/> to its <see cref="TransportOptions.DialOver"/>.
    /// </summary>
    /// <param name="host">Host name or address, as the server knows it.</param>
    /// <param name="port">Port, 1 to 65535.</param>
    /// <param name="cancellationToken">Cancels opening it.</param>
    /// <returns>The connection; its writing side can be ended on its own (<see cref="IHalfClosable"/>). It belongs to the caller.</returns>
    /// <exception cref="SSHException">The server refused it or could not connect (<c>ssh.channel</c>), or the connection was lost.</exception>
    public Task<Stream> OpenTunnelAsync(string host, int port, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65535);
        // Who connects is for the server's log; nothing of this machine is told.
        return TunnelAsync("direct-tcpip", new WireWriter().Text(host).UInt32((uint)port).Text("127.0.0.1").UInt32(0).ToArray(), cancellationToken);
    }

    /// <summary>Opens a connection to a Unix-domain socket on the server (<c>direct-streamlocal@openssh.com</c>).</summary>
    /// <param name="socketPath">Its path there.</param>
    /// <param name="cancellationToken">Cancels opening it.</param>
    /// <exception cref="SSHException">The server refused it (<c>ssh.channel</c>), or the connection was lost.</exception>
    public Task<Stream> OpenUnixTunnelAsync(string socketPath, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(socketPath);
        return TunnelAsync("direct-streamlocal@openssh.com", new WireWriter().Text(socketPath).Text("").UInt32(0).ToArray(), cancellationToken);
    }

    /// <summary>
    /// <see cref="OpenTunnelAsync"/> in the form of <see cref="TransportOptions.DialOver"/>: with it HTTPClient, WebSocketClient, TCPClient and another SSHClient (a jump) reach their servers through this
    /// one. Their egress policies still judge the endpoints.
    /// </summary>
    /// <param name="endpoint">Whom to reach.</param>
    /// <param name="cancellationToken">Cancels opening it.</param>
    public async ValueTask<Stream> DialAsync(Endpoint endpoint, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        try
        {
            return endpoint.IsUnixSocket
                ? await OpenUnixTunnelAsync(endpoint.Host, cancellationToken).ConfigureAwait(false)
                : await OpenTunnelAsync(endpoint.Host, endpoint.Port, cancellationToken).ConfigureAwait(false);
        }
        catch (NetworkException error)
        {
            // From here down: the end of a connection is one error for all who meet it, and another may have put his layers on top.
            var here = SshConnectExchange.LayerOf(Username, Endpoint);
            error.Complete(error.Failure with { Layers = error.Layers.Contains(here) ? [.. error.Layers.SkipWhile(layer => layer != here)] : [here, .. error.Layers] });
            throw;
        }
    }

    /// <summary>Listens here, and sends each connection through the server to a host that it can reach (<c>ssh -L</c>).</summary>
    /// <param name="listenOn">An IP address and port (0 for any), or the path of a Unix-domain socket. Whoever reaches it reaches the host.</param>
    /// <param name="host">Host name or address, as the server knows it.</param>
    /// <param name="port">Its port.</param>
    /// <param name="cancellationToken">Cancels connecting, where that is not done yet.</param>
    /// <exception cref="ConnectionException">It cannot be listened on (<c>local.address</c>).</exception>
    public async Task<SSHForward> ForwardLocalAsync(EndPoint listenOn, string host, int port, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(listenOn);
        ArgumentException.ThrowIfNullOrEmpty(host);
        await LinkAsync(cancellationToken).ConfigureAwait(false);
        return LocalForward.Start(this, listenOn, async (accepted, token) =>
        {
            var tunnel = await OpenTunnelAsync(host, port, token).ConfigureAwait(false);
            await Pump.JoinAsync(accepted.Stream, accepted.EndSending, tunnel, () => Pump.End(tunnel), token).ConfigureAwait(false);
        });
    }

    /// <summary>Listens here as a SOCKS5 proxy (RFC 1928, without authentication) whose connections the server makes (<c>ssh -D</c>). The egress policy of this client judges each target.</summary>
    /// <param name="listenOn">An IP address and port; 0 for any. Whoever reaches it reaches all that the server reaches.</param>
    /// <param name="cancellationToken">Cancels connecting, where that is not done yet.</param>
    /// <exception cref="ConnectionException">It cannot be listened on (<c>local.address</c>).</exception>
    public async Task<SSHForward> ForwardDynamicAsync(IPEndPoint listenOn, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(listenOn);
        await LinkAsync(cancellationToken).ConfigureAwait(false);
        return LocalForward.Start(this, listenOn, (accepted, token) => SocksServer.ServeAsync(this, accepted, token));
    }

    /// <summary>Has the server listen, and sends each connection to a host that is reached from here (<c>ssh -R</c>). That host is dialled as this client dials: policy, names, proxy.</summary>
    /// <param name="bindAddress">Where the server listens: <c>localhost</c>, an address of its, or empty for all; what it allows is its own decision.</param>
    /// <param name="bindPort">The port there; 0 lets the server choose.</param>
    /// <param name="host">Host name or address, as this machine knows it.</param>
    /// <param name="port">Its port.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="SSHException">The server refused it (<c>ssh.channel</c>).</exception>
    public async Task<SSHForward> ForwardRemoteAsync(string bindAddress, int bindPort, string host, int port, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(bindAddress);
        ArgumentOutOfRangeException.ThrowIfNegative(bindPort);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bindPort, 65535);
        ArgumentException.ThrowIfNullOrEmpty(host);
        var link = await LinkAsync(cancellationToken).ConfigureAwait(false);
        var forwards = RemoteForwardsOf.GetOrAdd(link, static _ => new RemoteForwards());
        link.Acceptor = forwards;
        var count = new ForwardCount();
        var stop = CancellationTokenSource.CreateLinkedTokenSource(link.Over);
        var target = new DialTarget(new Endpoint(host, port), null, false, []);
        var (bound, isOurs) = ((uint)bindPort, false);
        try
        {
            await AskToListenAsync(link, bindAddress, bindPort, Granted, StopListeningAsync, cancellationToken).ConfigureAwait(false);
            if (!isOurs)
                throw Refused();
        }
        catch
        {
            stop.Dispose();
            throw;
        }
        return new SSHForward(new DnsEndPoint(bindAddress.Length == 0 ? "*" : bindAddress, (int)bound, AddressFamily.Unspecified), count, async () =>
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await StopListeningAsync().ConfigureAwait(false);
            stop.Dispose();
        });

        // The first connection may come right behind the yes. A port that is another forward's already is none that the server can have given.
        void Granted(byte[] reply)
        {
            if (bindPort == 0 && reply.Length >= sizeof(uint))
                bound = BinaryPrimitives.ReadUInt32BigEndian(reply);
            isOurs = forwards.TryAdd(bindAddress, bound, count, Begin);
        }

        // Whatever comes of it: the server may be gone, or not answer.
        async Task StopListeningAsync()
        {
            if (!isOurs)
                return;
            forwards.Remove(bindAddress, bound);
            Task asked = link.AskAsync("cancel-tcpip-forward", new WireWriter().Text(bindAddress).UInt32(bound).Written, CancellationToken.None);
            await asked.WaitAsync(LongestFarewell, Options.Clock, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _ = asked.ContinueWith(static asked => asked.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        void Begin(TunnelStream tunnel) => _ = count.RunAsync(async () =>
        {
            await using (tunnel.ConfigureAwait(false))
            {
                var trace = new DialTrace(target.Endpoint, Options.Clock);
                // Not over this connection, whatever it lies on itself: from here.
                var here = await new Dialer(Options.Transport with { DialOver = null }, Options.Clock).DialAsync(target, Options.Timeouts, trace, stop.Token).ConfigureAwait(false);
                await Pump.JoinAsync(here, () => trace.End?.EndSending(), tunnel, tunnel.EndSending, stop.Token).ConfigureAwait(false);
            }
        });

        NetworkException Refused() => new NetworkFailure
        {
            Code = ErrorCodes.SshChannel,
            Message = $"{Endpoint} refused to listen on {(bindAddress.Length == 0 ? "all addresses" : Printable.Text(bindAddress))}, port {bindPort}.",
            Hint = "The port may be taken, or the server forbids it (OpenSSH: AllowTcpForwarding, GatewayPorts).",
            Phase = NetworkPhase.Send,
            Endpoint = Endpoint,
        }.ToException();
    }

    private async Task AskToListenAsync(Multiplexer link, string bindAddress, int bindPort, Action<byte[]> granted, Func<Task> takeBack, CancellationToken cancellationToken)
    {
        var asked = link.AskAsync("tcpip-forward", new WireWriter().Text(bindAddress).UInt32((uint)bindPort).Written, CancellationToken.None, granted);
        try
        {
            await asked.WaitAsync(Options.Timeouts.FirstByte, Options.Clock, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception left) when (left is TimeoutException or OperationCanceledException)
        {
            // It may still say yes, and would then listen for nobody.
            _ = TakeBackAsync();
            if (left is OperationCanceledException)
                throw;
            throw new NetworkFailure
            {
                Code = ErrorCodes.TimeoutFirstByte,
                Message = $"{Endpoint} did not answer within {Options.Timeouts.FirstByte.TotalSeconds:0.###} s when asked to listen.",
                Phase = NetworkPhase.FirstByte,
                Endpoint = Endpoint,
                WasSent = WasSent.Maybe,
            }.ToException(left);
        }

        async Task TakeBackAsync()
        {
            await ((Task)asked).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await takeBack().ConfigureAwait(false);
        }
    }

    private async Task<Stream> TunnelAsync(string type, byte[] data, CancellationToken cancellationToken)
    {
        var link = await LinkAsync(cancellationToken).ConfigureAwait(false);
        // The server first tries to connect: that may take as long as connecting may.
        var startedAt = Options.Clock.GetTimestamp();
        using var timer = new CancellationTokenSource(Options.Timeouts.Connect, Options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            var channel = await link.OpenAsync(type, data, static channel => new TunnelStream(channel), Options.ReceiveWindow, either.Token).ConfigureAwait(false);
            var stream = (TunnelStream)channel.Reader;
            stream.Layers = [.. link.Layers, new TransportLayer($"tunnel of {Endpoint}", Options.Clock.GetElapsedTime(startedAt))];
            return stream;
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.TimeoutConnect,
                Message = $"{Endpoint} opened no connection within {Options.Timeouts.Connect.TotalSeconds:0.###} s.",
                Phase = NetworkPhase.Connect,
                Endpoint = Endpoint,
            }.ToException();
        }
    }
}

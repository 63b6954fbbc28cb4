using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Rpc.Internal;
using Codomyrmex.Networking.Rpc.Protocol;
using Codomyrmex.Networking.Sockets;

namespace Codomyrmex.Networking.Rpc;

/// <summary>
/// Takes conversations of JSON-RPC at an address: messages in lines over TCP, TLS and Unix-domain sockets, one a message over WebSockets. The other side calls
/// <see cref="RpcConnection.ConnectAsync"/> with the same address. Thread-safe.
/// </summary>
public sealed class RpcServer : IAsyncDisposable
{
    private readonly RpcServerOptions _options;
    private readonly RpcAddress _address;
    private readonly TCPServer _server;
    private readonly MessageShares _shares;
    private readonly ConcurrentDictionary<RpcConnection, bool> _connections = new();
    private volatile bool _isStopping;

    private RpcServer(RpcAddress address, RpcServerOptions options)
    {
        _options = options;
        _address = address;
        _shares = new MessageShares(options.BytesPerAddress);
        _server = new TCPServer(new TCPServerOptions
        {
            EndPoints = [EndPointOf(address)],
            Tls = address.UsesTls ? options.Tls : null,
            Limits = options.Limits,
            Clock = options.Rpc.Clock,
            Logger = options.Logger,
        });
        _server.Start(ServeAsync);
        if (!address.IsUnix)
            _address = address with { Port = _server.Port };
    }

    /// <summary>The address to connect to, with the port that was chosen.</summary>
    public string Address => _address.ToString();

    /// <summary>The conversations that are going on.</summary>
    public IReadOnlyCollection<RpcConnection> Connections => [.. _connections.Keys];

    /// <summary>Begins to listen.</summary>
    /// <param name="address">
    /// <c>tcp://127.0.0.1:0</c>, <c>tls://[::]:4433</c>, <c>ws://127.0.0.1:8080/rpc</c>, <c>wss://…</c>, <c>unix:/run/agent.sock</c>. Port 0 is any free one. The host is an IP address.
    /// </param>
    /// <param name="options">How it speaks, and with whom.</param>
    /// <exception cref="ArgumentException">The address is none, or an option is wrong.</exception>
    /// <exception cref="NetworkException">The address cannot be listened on (<c>local.address</c>).</exception>
    public static RpcServer Start(string address, RpcServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var parsed = RpcAddress.Parse(address, isListening: true);
        if (parsed.UsesTls && options.Tls is null)
            throw new ArgumentException($"'{address}' speaks TLS: RpcServerOptions.Tls says who the server is.", nameof(options));
        // Else somebody who thinks that peers prove who they are would serve anybody.
        if (!parsed.UsesTls && options.Tls is not null)
            throw new ArgumentException($"'{address}' does not speak TLS, but there are RpcServerOptions.Tls; tls:// and wss:// do.", nameof(address));
        return new RpcServer(parsed, options);
    }

    /// <summary>
    /// Stops the server: it no longer listens, tells every peer (whose further calls fail with <c>rpc.stopping</c>, not served), and ends each conversation when its calls under
    /// way have been answered, streams to their end. Then whatever is left is given up: the tokens of its methods fire.
    /// </summary>
    /// <param name="drain">How long to wait; <see cref="TimeSpan.Zero"/> not at all.</param>
    /// <param name="cancellationToken">Cuts the wait short.</param>
    /// <returns>The number of conversations that had calls to be given up.</returns>
    public async Task<int> StopAsync(TimeSpan drain, CancellationToken cancellationToken = default)
    {
        using var timer = new CancellationTokenSource(drain, _options.Rpc.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        await _server.StopListeningAsync().ConfigureAwait(false);
        _isStopping = true;
        var drains = _connections.Keys.Select(connection => (Connection: connection, Drain: connection.DrainAsync(either.Token))).ToArray();
        var ending = Task.WhenAll(drains.Select(static one => EndAsync(one.Connection, one.Drain)));
        var left = (await Task.WhenAll(drains.Select(static one => one.Drain)).ConfigureAwait(false)).Count(static isDone => !isDone);
        // A peer that does not read may hold up the end of its conversation for longer.
        await Task.WhenAny(ending, Task.Delay(Timeout.InfiniteTimeSpan, either.Token)).ConfigureAwait(false);
        await _server.StopAsync(TimeSpan.Zero, CancellationToken.None).ConfigureAwait(false);
        await ending.ConfigureAwait(false);
        return left;
    }

    /// <summary>Stops listening and ends every conversation, giving up the calls under way.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero).ConfigureAwait(false);

    private static async Task EndAsync(RpcConnection connection, Task drain)
    {
        await drain.ConfigureAwait(false);
        await connection.DisposeAsync().ConfigureAwait(false);
    }

    private static EndPoint EndPointOf(RpcAddress address)
    {
        if (address.IsUnix)
            return new UnixDomainSocketEndPoint(address.Host);
        return IPAddress.TryParse(address.Host, out var ip) ? new IPEndPoint(ip, address.Port) : throw new ArgumentException($"'{address.Host}' is no IP address to listen on.", nameof(address));
    }

    private async Task ServeAsync(TCPConnection accepted, CancellationToken stop)
    {
        var peer = new RpcPeer
        {
            Endpoint = accepted.RemoteEndPoint is IPEndPoint remote ? Networking.Endpoint.Of(remote) : null,
            Certificate = accepted.Tls is { Chain: [var own, ..] } ? own : null,
        };
        if (_options.Admit?.Invoke(peer) == false)
        {
            accepted.Abort();
            return;
        }
        using var account = _shares.Enter(accepted.RemoteEndPoint);
        if (await OpenAsync(accepted, peer, account, stop).ConfigureAwait(false) is not { } channel)
            return;
        var connection = new RpcConnection(channel, _options.Rpc, account);
        _connections[connection] = true;
        try
        {
            if (_isStopping)
                return;
            _options.Connected?.Invoke(connection);
            await connection.Completion.WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<IRpcChannel?> OpenAsync(TCPConnection accepted, RpcPeer peer, MessageAccount account, CancellationToken stop)
    {
        var stream = accepted.AsStream();
        if (!_address.IsWebSocket)
            return new StreamChannel(stream, RpcFraming.Lines, _options.Rpc.MessageBytes, peer, account: account);
        using var late = new CancellationTokenSource(_options.Limits.Handshake, _options.Rpc.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        return await UpgradeReader.AcceptAsync(stream, _address.Path, _options.AllowedOrigins, either.Token).ConfigureAwait(false)
            ? new AcceptedSocketChannel(stream, _options.Rpc.MessageBytes, peer, account)
            : null;
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Codomyrmex.Networking.Testing.Internal;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// A proxy on a loopback address that speaks HTTP (CONNECT and absolute form), SOCKS4, SOCKS4a and SOCKS5 on one port, records what it was
/// asked, and reaches loopback addresses only. Thread-safe.
/// </summary>
public sealed class LoopbackProxy : IAsyncDisposable
{
    private readonly Listener _listener;
    private readonly TlsServer? _tls;
    private readonly List<ProxiedRequest> _requests = [];
    private readonly Lock _lock = new();

    private LoopbackProxy(LoopbackProxyOptions options)
    {
        Options = options;
        _tls = options.Tls is null ? null : new TlsServer(options.Tls, alpn: true);
        _listener = Listener.Start(new IPEndPoint(options.Address, options.Port), ServeAsync);
    }

    /// <summary>How it listens.</summary>
    public LoopbackProxyOptions Options { get; }

    /// <summary>The address and port.</summary>
    public IPEndPoint EndPoint => _listener.EndPoint!;

    /// <summary>The port.</summary>
    public int Port => EndPoint.Port;

    /// <summary>How many connections it has accepted.</summary>
    public int ConnectionCount => _listener.Accepted;

    /// <summary>What it was asked so far, in order, refused requests included.</summary>
    public IReadOnlyList<ProxiedRequest> Requests
    {
        get
        {
            lock (_lock)
                return [.. _requests];
        }
    }

    /// <summary>Starts a proxy.</summary>
    /// <param name="options">How it listens; by default open to all on 127.0.0.1 and any free port.</param>
    public static LoopbackProxy Start(LoopbackProxyOptions? options = null) => new(options ?? new LoopbackProxyOptions());

    /// <summary>The proxy's URL, without credentials.</summary>
    /// <param name="scheme"><c>http</c>, <c>https</c>, <c>socks4a</c>, <c>socks5</c> or <c>socks5h</c>.</param>
    public string Url(string scheme = "http") => string.Create(CultureInfo.InvariantCulture, $"{scheme}://{EndPoint}");

    /// <summary>Completes when the proxy has accepted this many connections since its start.</summary>
    /// <param name="count">The number.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task WaitForConnectionsAsync(int count, CancellationToken cancellationToken = default) =>
        _listener.WhenAcceptedAsync(count, cancellationToken);

    /// <summary>Stops accepting and closes every connection.</summary>
    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    internal ProxyDecision Decide(ProxiedRequest request)
    {
        lock (_lock)
            _requests.Add(request);
        return request.IsAuthenticated ? Options.Decide?.Invoke(request) ?? ProxyDecision.Forward : ProxyDecision.Refuse(407);
    }

    /// <summary>The loopback address of a host, or null: nothing else is ever reached.</summary>
    internal IPAddress? Resolve(string host)
    {
        if (Options.Hosts.TryGetValue(host, out var mapped))
            return IPAddress.IsLoopback(mapped) ? mapped : null;
        if (host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return IPAddress.Loopback;
        return IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address) ? address : null;
    }

    private async Task ServeAsync(Socket socket, int number, CancellationToken stopping)
    {
        Stream stream = new NetworkStream(socket, ownsSocket: false);
        try
        {
            if (_tls is not null)
                stream = await _tls.AuthenticateAsync(stream, stopping).ConfigureAwait(false);
            var client = new ProxyClient(this, socket, stream, number, stopping);
            if (!await client.FillAsync().ConfigureAwait(false))
                return;
            await (client.Unread[0] switch
            {
                4 => Socks4Session.RunAsync(client),
                5 => Socks5Session.RunAsync(client),
                _ => HttpProxySession.RunAsync(client),
            }).ConfigureAwait(false);
        }
        catch (AuthenticationException)
        {
            // The client turned our certificate down, or we turned it down.
            await SocketEnd.LingerAsync(socket, stopping).ConfigureAwait(false);
        }
        finally
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }
    }
}

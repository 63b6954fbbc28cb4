using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Tests.Integration.Proxies;

/// <summary>Opens a tunnel through a real proxy and talks to an <see cref="EchoServer"/> behind it.</summary>
internal static class ProxyConversation
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static ProxyOptions Proxy(ProxyKind kind, int port, string? user = null, string? password = null) =>
        new() { Kind = kind, Host = "127.0.0.1", Port = port, User = user, Password = password };

    /// <summary>The echo server's greeting and echo came through unchanged.</summary>
    public static async Task AssertWorksAsync(ProxyOptions proxy, string host, int port, IPAddress? address = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        await using var stream = await OpenAsync(proxy, host, port, address, patience.Token);
        // More than one segment, so that both directions are in flight at once.
        var sent = new byte[300_000];
        new Random(1).NextBytes(sent);
        var writing = stream.WriteAsync(sent, patience.Token).AsTask();
        var received = new byte[EchoServer.Greeting.Length + sent.Length];
        await stream.ReadExactlyAsync(received, patience.Token);
        await writing;
        Assert.Equal(EchoServer.Greeting, Encoding.ASCII.GetString(received, 0, EchoServer.Greeting.Length));
        Assert.Equal(sent, received[EchoServer.Greeting.Length..]);
    }

    /// <summary>The proxy refused with this code; whatever the error says, it says it without the password.</summary>
    public static async Task<ProxyException> AssertFailsAsync(ProxyOptions proxy, string host, int port, string code, IPAddress? address = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        var error = await Assert.ThrowsAsync<ProxyException>(async () => await OpenAsync(proxy, host, port, address, patience.Token));
        Assert.Equal(code, error.Code);
        Assert.Equal(new Endpoint(host, port), error.Endpoint);
        if (proxy.Password is not null)
            Assert.DoesNotContain(proxy.Password, error.ToString(), StringComparison.Ordinal);
        return error;
    }

    private static async Task<Stream> OpenAsync(ProxyOptions proxy, string host, int port, IPAddress? address, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        Stream stream;
        try
        {
            await socket.ConnectAsync(proxy.Host, proxy.Port, cancellationToken);
            stream = new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        try
        {
            if (proxy.Kind == ProxyKind.Https)
            {
                // Whether the certificate is good is not what is tested here.
                var tls = new SslStream(stream, leaveInnerStreamOpen: false, (_, _, _, _) => true);
                stream = tls;
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = proxy.Host }, cancellationToken);
            }
            await ProxyTunnel.OpenAsync(stream, proxy, new Endpoint(host, port), address, cancellationToken);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }
}

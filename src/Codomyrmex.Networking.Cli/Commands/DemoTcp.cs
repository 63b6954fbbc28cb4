using System.Net;
using System.Text;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The steps about plain sockets.</summary>
internal static class DemoTcp
{
    private static readonly TCPClientOptions Lines = new() { Framing = Framing.Lines };

    public static DemoStep[] Steps(Lab lab) =>
    [
        new("TCP", "send lines and get them back", ct => EchoAsync(lab, ct)),
        new("TCP", "two agents that know each other by TLS", ct => IdentifyAsync(lab, ct)),
        new("TCP", "refuse a frame that lies about its length", RefuseAsync),
        new("TCP", "stop a server without losing a frame", DrainAsync),
    ];

    private static async Task<string> EchoAsync(Lab lab, CancellationToken cancellationToken)
    {
        await using var client = await TCPClient.ConnectAsync("127.0.0.1", lab.Tcp.Port, Lines, cancellationToken);
        await client.SendAsync("Hello", cancellationToken);
        var reply = Encoding.UTF8.GetString((await client.ReceiveAsync(cancellationToken)).Span);
        DemoFailure.Unless(reply == "Hello", $"it said {reply}");
        return $"{reply} from {client.Endpoint}";
    }

    private static async Task<string> IdentifyAsync(Lab lab, CancellationToken cancellationToken)
    {
        var roots = new System.Security.Cryptography.X509Certificates.X509Certificate2Collection(lab.Authority.Root);
        var options = new TCPServerOptions { Framing = Framing.Lines, Tls = new TlsServerOptions { Certificate = lab.Authority.Issue(), ClientRoots = roots } };
        await using var server = TCPServer.Start(async (connection, ct) => await connection.SendAsync($"hello, {connection.Tls!.Chain[0].Subject}", ct), options);
        var trust = TransportOptions.Default with { Tls = new TlsOptions { TrustedRoots = roots, ClientCertificate = lab.Authority.Issue(TestCertificateOptions.ForClient("agent-7")) } };
        await using var client = new TCPClient("127.0.0.1", server.Port, Lines with { UseTls = true, Transport = trust });
        var greeting = Encoding.UTF8.GetString((await client.ReceiveAsync(cancellationToken)).Span);
        DemoFailure.Unless(greeting == "hello, CN=agent-7", $"it said {greeting}");
        await using var stranger = new TCPClient("127.0.0.1", server.Port, Lines with
        {
            UseTls = true,
            Retry = RetryOptions.None,
            Transport = TransportOptions.Default with { Tls = new TlsOptions { TrustedRoots = roots } },
        });
        try
        {
            await stranger.ReceiveAsync(cancellationToken);
        }
        catch (NetworkException refused)
        {
            return $"\"{greeting}\"; without a certificate {refused.Code}";
        }
        throw new InvalidOperationException("A stranger was let in.");
    }

    private static async Task<string> RefuseAsync(CancellationToken cancellationToken)
    {
        await using var liar = ScriptedServer.Start(async (connection, ct) => await connection.SendAsync(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF }, ct));
        await using var client = new TCPClient("127.0.0.1", liar.Port, Lines with { Framing = Framing.LengthPrefixed(4) });
        var error = await DemoFailure.CatchAsync<ConnectionException>(client.ReceiveAsync(cancellationToken).AsTask(), ErrorCodes.TcpFrameTooLarge);
        return $"{error.Code}: {error.Message}";
    }

    private static async Task<string> DrainAsync(CancellationToken cancellationToken)
    {
        const int Count = 1000;
        var received = 0;
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await foreach (var frame in connection.ReceiveAllAsync(ct))
            {
                received++;
                await connection.WriteAsync(frame, ct);
            }
        }, new TCPServerOptions { Framing = Framing.Lines, EndPoints = [new IPEndPoint(IPAddress.IPv6Loopback, 0)] });
        await using var client = new TCPClient("::1", server.Port, Lines);
        var connection = await client.ConnectAsync(cancellationToken);
        for (var i = 0; i < Count; i++)
            await connection.WriteAsync(Encoding.ASCII.GetBytes($"frame {i}"), cancellationToken);
        await connection.FlushAsync(cancellationToken);
        await connection.ReceiveAsync(cancellationToken);
        var stopping = server.StopAsync(TimeSpan.FromSeconds(5), cancellationToken);
        var answered = 1;
        while (await connection.TryReceiveAsync(cancellationToken) is not null)
            answered++;
        var broken = await stopping;
        DemoFailure.Unless(answered == received && broken == 0, $"{received} frames were taken, {answered} answered");
        return $"{received} frames were taken, {answered} answered, {broken} connections broken off";
    }
}

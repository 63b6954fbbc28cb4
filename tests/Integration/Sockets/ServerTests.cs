using System.Net;
using System.Net.Sockets;
using System.Text;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Integration.Sockets;

/// <summary><see cref="TCPServer"/> with clients and proxies of others.</summary>
public sealed class ServerTests : IDisposable
{
    private readonly TestCertificateAuthority _authority = new();
    private readonly ServerFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    private static async Task EchoAsync(TCPConnection connection, CancellationToken cancellationToken)
    {
        await foreach (var frame in connection.ReceiveAllAsync(cancellationToken))
            await connection.WriteAsync(Encoding.UTF8.GetBytes($"{connection.Tls?.Chain.FirstOrDefault()?.Subject ?? "somebody"}: {Encoding.UTF8.GetString(frame.Span)}"), cancellationToken);
    }

    [Fact]
    public async Task Socat_and_ncat_are_served_over_TCP_and_a_Unix_domain_socket()
    {
        var path = _folder["echo.sock"];
        await using var server = TCPServer.Start(EchoAsync, new TCPServerOptions { Framing = Framing.Lines, EndPoints = [new IPEndPoint(IPAddress.Loopback, 0), new UnixDomainSocketEndPoint(path)] });
        Assert.Equal("somebody: one\nsomebody: two\n", await ToolRun.RunAsync("one\ntwo\n", "/usr/bin/socat", "-t5", "-", $"TCP4:127.0.0.1:{server.Port}"));
        Assert.Equal("somebody: three\n", await ToolRun.RunAsync("three\n", "/usr/bin/ncat", "-U", path));
    }

    [Fact]
    public async Task Openssl_comes_in_with_its_certificate_and_not_without()
    {
        _authority.WriteRootPem(_folder["ca.pem"]);
        _authority.WritePem(_authority.Issue(TestCertificateOptions.ForClient("openssl-7")), _folder["client.pem"], _folder["client.key"]);
        await using var server = TCPServer.Start(EchoAsync, new TCPServerOptions
        {
            Framing = Framing.Lines,
            Tls = new TlsServerOptions { Certificate = _authority.Issue(), ClientRoots = [_authority.Root], Protocols = ["lines"] },
        });
        string[] arguments = ["s_client", "-connect", $"127.0.0.1:{server.Port}", "-CAfile", _folder["ca.pem"], "-verify_return_error", "-quiet", "-no_ign_eof", "-alpn", "lines"];
        Assert.Equal("CN=openssl-7: hello\n", await SayAsync("hello\n", [.. arguments, "-cert", _folder["client.pem"], "-key", _folder["client.key"]]));
        Assert.Equal("", await SayAsync("hello\n", arguments));
        Assert.Equal(1, server.GetStatistics().HandshakesFailed);
    }

    // It leaves at the end of its input without waiting for an answer: the shell keeps that open a little.
    private static Task<string> SayAsync(string text, params string[] arguments) =>
        ToolRun.RunAsync(text, "/bin/bash", ["-c", "(cat; sleep 1) | exec openssl \"$@\"", "openssl", .. arguments]);

    [Fact]
    public async Task Openssl_upgrades_a_connection_by_starttls()
    {
        _authority.WriteRootPem(_folder["ca.pem"]);
        var tls = new TlsServerOptions { Certificate = _authority.Issue() };
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await connection.SendAsync("220 here", ct);
            Assert.StartsWith("EHLO", Encoding.ASCII.GetString((await connection.ReceiveAsync(ct)).Span));
            await connection.SendAsync("250-here", ct);
            await connection.SendAsync("250 STARTTLS", ct);
            Assert.Equal("STARTTLS", Encoding.ASCII.GetString((await connection.ReceiveAsync(ct)).Span));
            await connection.SendAsync("220 go ahead", ct);
            await connection.UpgradeToTlsAsync(tls, cancellationToken: ct);
            await EchoAsync(connection, ct);
        }, new TCPServerOptions { Framing = Framing.CrLfLines });
        Assert.Contains("somebody: hello", await SayAsync("hello\n", "s_client", "-starttls", "smtp", "-connect", $"127.0.0.1:{server.Port}", "-CAfile", _folder["ca.pem"], "-verify_return_error", "-quiet", "-no_ign_eof"));
    }

    [Theory]
    [InlineData("send-proxy", false)]
    [InlineData("send-proxy-v2", false)]
    [InlineData("send-proxy-v2-ssl", true)]
    public async Task Haproxy_says_for_whom_it_connects(string header, bool terminatesTls)
    {
        var seen = new TaskCompletionSource<(IPEndPoint Remote, IPEndPoint Proxy)>();
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            // Not from what only looked whether haproxy accepts: that says nothing.
            var frame = await connection.ReceiveAsync(ct);
            seen.TrySetResult(((IPEndPoint)connection.RemoteEndPoint!, (IPEndPoint)connection.ProxyEndPoint!));
            await connection.SendAsync(frame, ct);
        }, new TCPServerOptions { Framing = Framing.Lines, TrustedProxies = [IPNetwork.Parse("127.0.0.1/32")] });
        var port = ServerProcess.FreePort();
        var folder = new ServerFolder();
        _authority.WritePem(_authority.Issue(), folder["cert.pem"], folder["key.pem"]);
        folder.Write("both.pem", await File.ReadAllTextAsync(folder["cert.pem"], Stop) + await File.ReadAllTextAsync(folder["key.pem"], Stop));
        var configuration = folder.Write("haproxy.cfg", $"""
            defaults
              mode tcp
              timeout connect 5s
              timeout client 30s
              timeout server 30s
            listen in
              bind 127.0.0.1:{port}{(terminatesTls ? $" ssl crt {folder["both.pem"]}" : "")}
              server out 127.0.0.1:{server.Port} {header}

            """);
        await using var haproxy = await ServerProcess.StartAsync(folder, port, "/usr/sbin/haproxy", "-db", "-f", configuration);
        await using var client = new TCPClient("127.0.0.1", port, new TCPClientOptions
        {
            Framing = Framing.Lines,
            UseTls = terminatesTls,
            Transport = TransportOptions.Default with { BindAddress = IPAddress.Parse("127.0.0.3"), Tls = new TlsOptions { TrustedRoots = [_authority.Root] } },
        });
        Assert.Equal("hello", Encoding.UTF8.GetString(await client.RequestAsync("hello"u8.ToArray(), Stop)));
        var (remote, proxy) = await seen.Task.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        Assert.Equal(client.Connection!.LocalEndPoint, remote);
        Assert.Equal("127.0.0.1", proxy.Address.ToString());
    }

    [Fact]
    public async Task A_server_without_descriptors_goes_on_when_they_come_back()
    {
        var port = ServerProcess.FreePort();
        var server = await ServerProcess.StartAsync(new ServerFolder(), port, "/usr/bin/prlimit", "--nofile=100", Native.CodonetExecutable.Path, "tcp", "listen", $"127.0.0.1:{port}", "--echo", "--json");
        await using (server)
        {
            var options = new TCPClientOptions { Framing = Framing.Lines };
            var clients = new List<TCPClient>();
            for (var i = 0; i < 120; i++)
                clients.Add(await TCPClient.ConnectAsync("127.0.0.1", port, options, Stop));
            Assert.Equal("first", Encoding.UTF8.GetString(await clients[0].RequestAsync("first"u8.ToArray(), Stop)));
            // The last one waits in the system's queue until somebody leaves.
            var last = clients[^1].RequestAsync("last"u8.ToArray(), Stop);
            Assert.Equal("second", Encoding.UTF8.GetString(await clients[1].RequestAsync("second"u8.ToArray(), Stop)));
            Assert.False(last.IsCompleted);
            foreach (var client in clients[..60])
                await client.DisposeAsync();
            Assert.Equal("last", Encoding.UTF8.GetString(await last.WaitAsync(TimeSpan.FromSeconds(10), Stop)));
            foreach (var client in clients[60..])
                await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task The_backlog_is_what_the_system_keeps_waiting()
    {
        await using var server = TCPServer.Start(EchoAsync, new TCPServerOptions { Limits = new TCPServerLimits { Backlog = 77 } });
        // Of a socket that listens, the third column is the longest queue of connections that wait.
        var line = await ToolRun.RunAsync("", "/usr/bin/ss", "-Hltn", $"sport = :{server.Port}");
        Assert.Equal("77", line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2]);
    }
}

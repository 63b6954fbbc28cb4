using System.Text;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Time.Testing;
using static Codomyrmex.Networking.Tests.Unit.Sockets.Pairs;

namespace Codomyrmex.Networking.Tests.Unit.Sockets;

/// <summary>Table TCP/UDP, rows 6 and 7: TLS on both sides, and STARTTLS.</summary>
public class TCPTlsTests : IDisposable
{
    private readonly TestCertificateAuthority _authority = new();
    private readonly TestCertificateAuthority _stranger = new("somebody else");

    private TCPServerOptions Server => new() { Framing = Framing.Lines, Tls = new TlsServerOptions { Certificate = _authority.Issue() } };

    private TlsOptions Trust => new() { TrustedRoots = [_authority.Root] };

    private TCPClientOptions Client => new() { Framing = Framing.Lines, Retry = RetryOptions.None, UseTls = true, Transport = TransportOptions.Default with { Tls = Trust } };

    public void Dispose()
    {
        _authority.Dispose();
        _stranger.Dispose();
    }

    private static async Task<string> AskAsync(TCPClient client, string text) => Encoding.UTF8.GetString(await client.RequestAsync(Encoding.UTF8.GetBytes(text), Stop));

    [Fact]
    public async Task Both_sides_say_what_TLS_agreed_on()
    {
        TlsFacts? seen = null;
        await using var server = TCPServer.Start((connection, ct) => { seen = connection.Tls; return EchoAsync(connection, ct); }, Server with { Tls = Server.Tls! with { Protocols = ["two", "one"] } });
        await using var client = ClientOf(server, Client with { Protocols = ["one", "two"] });
        Assert.Equal("hello", await AskAsync(client, "hello"));
        var facts = client.Connection!.Tls!;
        Assert.Equal(("TLS 1.3", facts.ApplicationProtocol), (facts.Protocol, seen!.ApplicationProtocol));
        Assert.Contains(facts.ApplicationProtocol, (string[])["one", "two"]);
        Assert.Contains("127.0.0.1", facts.Chain[0].Names);
        Assert.Empty(seen.Chain);
    }

    [Fact]
    public async Task Frames_of_every_size_pass_through_TLS()
    {
        await using var server = Echo(Server with { Framing = Framing.LengthPrefixed(4) });
        await using var client = ClientOf(server, Client with { Framing = Framing.LengthPrefixed(4) });
        foreach (var size in (int[])[0, 1, 255, 256, 257, 16_383, 16_384, 70_000, 1_000_000])
            Assert.Equal(size, (await client.RequestAsync(new byte[size], Stop)).Length);
        await client.EndSendingAsync(Stop);
        Assert.Null(await client.TryReceiveAsync(Stop));
    }

    [Fact]
    public async Task The_certificate_is_chosen_by_the_name_that_is_asked_for()
    {
        var one = _authority.Issue(new TestCertificateOptions { DnsNames = ["one.test"] });
        var other = _authority.Issue(new TestCertificateOptions { DnsNames = ["other.test"] });
        await using var server = Echo(Server with { Tls = new TlsServerOptions { SelectCertificate = name => name == "one.test" ? one : name == "other.test" ? other : null } });
        foreach (var name in (string[])["one.test", "other.test"])
        {
            await using var client = ClientOf(server, Client with { Transport = TransportOptions.Default with { Tls = Trust with { ServerName = name } } });
            Assert.Equal("x", await AskAsync(client, "x"));
            Assert.Equal(name, client.Connection!.Tls!.Chain[0].Names[0]);
        }
        await using var stranger = ClientOf(server, Client with { Transport = TransportOptions.Default with { Tls = Trust with { ServerName = "third.test" } } });
        await Assert.ThrowsAsync<SSLException>(() => AskAsync(stranger, "x"));
        Becomes(() => server.GetStatistics().HandshakesFailed == 1, "it was counted");
        Assert.Equal("x", await AskAsync(ClientOf(server, Client with { Transport = TransportOptions.Default with { Tls = Trust with { ServerName = "one.test" } } }), "x"));
    }

    [Fact]
    public async Task Mutual_TLS_lets_in_whom_the_roots_vouch_for_and_nobody_else()
    {
        var identity = _authority.Issue(new TestCertificateOptions { DnsNames = ["agent-7"], ClientAuthentication = true });
        var forged = _stranger.Issue(new TestCertificateOptions { DnsNames = ["agent-7"], ClientAuthentication = true });
        var expired = _authority.Issue(new TestCertificateOptions { DnsNames = ["agent-7"], ClientAuthentication = true, NotBefore = DateTimeOffset.UtcNow.AddDays(-9), NotAfter = DateTimeOffset.UtcNow.AddDays(-8) });
        string? who = null;
        var log = new ListLogger();
        await using var server = TCPServer.Start((connection, ct) => { who = connection.Tls!.Chain[0].Names[0]; return EchoAsync(connection, ct); },
            Server with { Logger = log, Tls = Server.Tls! with { ClientRoots = [_authority.Root] } });

        await using var known = ClientOf(server, Client with { Transport = TransportOptions.Default with { Tls = Trust with { ClientCertificate = identity } } });
        Assert.Equal("hello", await AskAsync(known, "hello"));
        Assert.Equal("agent-7", who);
        who = null;
        foreach (var certificate in new[] { null, forged, expired })
        {
            await using var other = ClientOf(server, Client with { Transport = TransportOptions.Default with { Tls = Trust with { ClientCertificate = certificate } } });
            var error = await Assert.ThrowsAnyAsync<NetworkException>(() => AskAsync(other, "hello"));
            Assert.True(error.Code is "tls.client_certificate_required" or "tcp.reset" or "tls.closed_early" or "tcp.closed_early", error.Code);
        }
        Becomes(() => server.GetStatistics().HandshakesFailed == 3, "they were counted");
        Assert.Null(who);
        Becomes(() => log.Entries.Count == 3, "they were logged");
        Assert.Contains(log.Entries, entry => entry.Text.Contains("tls.client_certificate_required"));
        Assert.Contains(log.Entries, entry => entry.Text.Contains("tls.untrusted"));
        Assert.Contains(log.Entries, entry => entry.Text.Contains("tls.expired"));
    }

    [Fact]
    public async Task A_server_nobody_vouches_for_is_not_spoken_to()
    {
        await using var server = Echo(Server with { Tls = new TlsServerOptions { Certificate = _stranger.Issue() } });
        await using var client = ClientOf(server, Client);
        var error = await Assert.ThrowsAsync<SSLException>(() => AskAsync(client, "x"));
        Assert.Equal(("tls.untrusted", WasSent.Never), (error.Code, error.WasSent));
    }

    [Fact]
    public async Task Garbage_in_place_of_TLS_costs_the_peer_its_connection_and_nothing_else()
    {
        await using var server = Echo(Server);
        await using var garbage = ClientOf(server, new TCPClientOptions { Retry = RetryOptions.None });
        await garbage.SendAsync("GET / HTTP/1.1\r\n\r\n", Stop);
        await Assert.ThrowsAsync<ConnectionException>(async () => { while (true) await garbage.Connection!.ReceiveAsync(Stop); });
        await using var client = ClientOf(server, Client);
        Assert.Equal("x", await AskAsync(client, "x"));
        Becomes(() => server.GetStatistics().HandshakesFailed == 1, "it was counted");
    }

    [Fact]
    public async Task A_handshake_that_does_not_come_is_not_waited_for()
    {
        var clock = new FakeTimeProvider();
        var log = new ListLogger();
        await using var server = Echo(Server with { Clock = clock, Logger = log });
        await using var silent = ClientOf(server, new TCPClientOptions());
        await silent.ConnectAsync(Stop);
        Becomes(() => server.GetStatistics().Open == 1, "it was accepted");
        Becomes(() => { clock.Advance(TimeSpan.FromSeconds(1)); return server.GetStatistics().HandshakesFailed == 1; }, "it was let go");
        Becomes(() => log.Entries.Any(entry => entry.Text.Contains("timeout.tls")), "it was logged");
    }

    [Fact]
    public async Task Starttls_upgrades_both_sides()
    {
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            Assert.Equal("STARTTLS", (await connection.ReceiveAsync(ct)).Text());
            await connection.SendAsync("220 go ahead", ct);
            await connection.UpgradeToTlsAsync(Server.Tls!, cancellationToken: ct);
            await connection.SendAsync(connection.Tls!.Protocol, ct);
            await EchoAsync(connection, ct);
        }, Server with { Tls = null });
        await using var client = ClientOf(server, Client with { UseTls = false });
        Assert.Equal("220 go ahead", await AskAsync(client, "STARTTLS"));
        var connection = client.Connection!;
        await connection.UpgradeToTlsAsync(Trust, cancellationToken: Stop);
        Assert.Equal("TLS 1.3", (await client.ReceiveAsync(Stop)).Text());
        Assert.Equal("TLS 1.3", connection.Tls!.Protocol);
        Assert.Equal("secret", await AskAsync(client, "secret"));
    }

    [Fact]
    public async Task Bytes_sent_ahead_of_the_upgrade_are_refused_by_both_sides()
    {
        var refused = new TaskCompletionSource<string>();
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await connection.ReceiveAsync(ct);
            await connection.SendAsync("go ahead", ct);
            try
            {
                await connection.UpgradeToTlsAsync(Server.Tls!, cancellationToken: ct);
            }
            catch (SSLException error)
            {
                refused.SetResult(error.Message);
                throw;
            }
        }, Server with { Tls = null, Framing = Framing.Delimiter("\n") });

        // The client pipelines a command behind STARTTLS: what a man in the middle would add.
        await using var attacker = ClientOf(server, Client with { UseTls = false });
        await (await attacker.ConnectAsync(Stop)).AsStream().WriteAsync("STARTTLS\nMAIL FROM"u8.ToArray(), Stop);
        Assert.Contains("ahead of the TLS handshake", await refused.Task.WaitAsync(Patience));

        await using var peer = ScriptedServer.Start(async (connection, stop) => { await connection.SendAsync("go ahead\ninjected\n", stop); await connection.StallAsync(stop); });
        await using var client = new TCPClient("127.0.0.1", peer.Port, Client with { UseTls = false });
        var connection = await client.ConnectAsync(Stop);
        await connection.ReceiveAsync(Stop);
        var error = await Assert.ThrowsAsync<SSLException>(() => connection.UpgradeToTlsAsync(Trust, cancellationToken: Stop));
        Assert.Equal("tls.protocol", error.Code);
        await Assert.ThrowsAsync<SSLException>(async () => await connection.SendAsync("in clear", Stop));
    }

    [Fact]
    public async Task An_upgrade_that_fails_breaks_the_connection_rather_than_going_on_in_clear()
    {
        await using var peer = ScriptedServer.Start(async (connection, stop) => { await connection.SendAsync("go ahead\n", stop); await connection.ReadBytesAsync(100, stop); await connection.SendAsync("no TLS here, but please go on\n", stop); });
        await using var client = new TCPClient("127.0.0.1", peer.Port, Client with { UseTls = false });
        var connection = await client.ConnectAsync(Stop);
        await connection.ReceiveAsync(Stop);
        await Assert.ThrowsAsync<SSLException>(() => connection.UpgradeToTlsAsync(Trust, cancellationToken: Stop));
        await Assert.ThrowsAsync<SSLException>(async () => await connection.SendAsync("password", Stop));
    }

    [Fact]
    public async Task A_client_that_wants_TLS_says_so_of_a_peer_without()
    {
        await using var server = ScriptedServer.Start(async (connection, stop) => await connection.SendAsync("plain text here\r\n", stop));
        await using var client = new TCPClient("127.0.0.1", server.Port, Client);
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => AskAsync(client, "x"));
        Assert.StartsWith("tls.", error.Code);
    }

    [Fact]
    public async Task Draining_goes_through_TLS()
    {
        await using var server = Echo(Server);
        await using var client = ClientOf(server, Client);
        Assert.Equal("x", await AskAsync(client, "x"));
        var stopping = server.StopAsync(Patience, Stop);
        Assert.Null(await client.TryReceiveAsync(Stop));
        Assert.Equal(0, await stopping.WaitAsync(Patience));
    }

    [Fact]
    public async Task Who_may_not_come_is_refused_before_the_handshake()
    {
        await using var server = TCPServer.Start(EchoAsync, Server with
        {
            Deny = [System.Net.IPNetwork.Parse("127.0.0.9/32")],
            Limits = new TCPServerLimits { Connections = 4, ConnectionsPerAddress = 2 },
        });
        var silent = new List<System.Net.Sockets.Socket>();
        try
        {
            for (var i = 0; i < 6; i++)
            {
                var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                silent.Add(socket);
                // Three that are denied, three of one address, which may have two.
                socket.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Parse(i < 3 ? "127.0.0.9" : "127.0.0.8"), 0));
                try
                {
                    await socket.ConnectAsync(System.Net.IPAddress.Loopback, server.Port, Stop);
                }
                catch (System.Net.Sockets.SocketException)
                {
                    // Refused so fast that connecting saw it.
                }
                Becomes(() => server.GetStatistics().Accepted == i + 1, "it is accepted");
            }
            Becomes(() => server.GetStatistics().Refused == 4, "those who may not come are refused");
            await using var client = ClientOf(server, Client);
            Assert.Equal("hello", await AskAsync(client, "hello"));
        }
        finally
        {
            silent.ForEach(static socket => socket.Dispose());
        }
    }

    [Fact]
    public async Task A_server_that_drains_gives_out_what_TLS_had_received()
    {
        var (first, go, got) = (new TaskCompletionSource(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new List<byte>());
        var server = TCPServer.Start(async (connection, ct) =>
        {
            got.Add((await connection.ReceiveAsync(ct)).Span[0]);
            first.SetResult();
            await go.Task;
            await foreach (var frame in connection.ReceiveAllAsync(ct))
                got.Add(frame.Span[0]);
        }, Server with { Framing = Framing.FixedLength(256) });
        await using var client = ClientOf(server, Client with { Framing = Framing.Raw });
        var frames = new byte[768];
        (frames[0], frames[256], frames[512]) = (1, 2, 3);
        await client.SendAsync(frames, Stop);
        await first.Task.WaitAsync(Patience);
        var stopping = server.StopAsync(Patience, Stop);
        go.SetResult();
        Assert.Equal(0, await stopping);
        Assert.Equal([1, 2, 3], got);
    }
}

using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

/// <summary>Table 5, rows 19 to 21 and 23: banners, services, TLS and probes of one's own, within bounds.</summary>
public class ServiceIdentifierTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static PortResult Found(int port, string host = "127.0.0.1") => new()
    {
        Host = host,
        Address = IPAddress.Loopback,
        Port = port,
        Protocol = PortProtocol.Tcp,
        State = PortState.Open,
        Reason = PortReason.SynAck,
    };

    /// <summary>Whatever port is asked, the server answers.</summary>
    private static ServiceIdentifierOptions At(int server) => new()
    {
        GreetingWait = TimeSpan.FromMilliseconds(100),
        AnswerWait = TimeSpan.FromSeconds(5),
        Transport = TransportOptions.Default with
        {
            DialOver = async (_, ct) =>
            {
                var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, server, ct);
                return client.GetStream();
            },
        },
    };

    private static async Task<ServiceInfo?> AskAsync(ServiceIdentifierOptions options, int port, string host = "127.0.0.1") =>
        await new ServiceIdentifier(options).IdentifyAsync(Found(port, host), Stop);

    [Fact]
    public async Task Page_is_asked_for_by_the_name_that_was_scanned()
    {
        await using var server = LoopbackServer.Start().MapStatic("GET", "/", "<title>Front door</title>"u8.ToArray(), "text/html");
        var service = await AskAsync(At(server.Port), 8080, "www.example.test");
        Assert.Equal(("http", 200, "Front door"), (service?.Name, service?.HttpStatus, service?.HttpTitle));
        Assert.Equal("www.example.test:8080", server.Requests[0].Headers["Host"]);
    }

    [Fact]
    public async Task Server_that_speaks_first_is_listened_to()
    {
        await using var server = ScriptedServer.Start(async (connection, ct) =>
        {
            await connection.SendAsync("220 mail.example.test ESMTP Postfix\r\n", ct);
            await connection.StallAsync(ct);
        });
        var service = await AskAsync(At(server.Port) with { AnswerWait = TimeSpan.FromMilliseconds(50) }, 25);
        Assert.Equal(("smtp", "Postfix", "220 mail.example.test ESMTP Postfix"), (service?.Name, service?.Product, service?.Banner));
    }

    [Fact]
    public async Task Question_of_the_ports_own_protocol_is_asked_first()
    {
        await using var server = ScriptedServer.Start(async (connection, ct) =>
        {
            Assert.Equal("*2\r\n$4\r\nINFO\r\n", System.Text.Encoding.ASCII.GetString(await connection.ReadBytesAsync(14, ct)));
            await connection.SendAsync("$30\r\n# Server\r\nredis_version:7.0.15\r\n", ct);
        });
        Assert.Equal("redis Redis 7.0.15", (await AskAsync(At(server.Port), 6379))?.ToString());
        Assert.Empty(server.Failures);
    }

    [Fact]
    public async Task Other_server_at_a_known_port_is_still_recognised()
    {
        await using var server = LoopbackServer.Start().MapStatic("GET", "/", "<title>Not Redis</title>"u8.ToArray(), "text/html");
        var service = await AskAsync(At(server.Port) with { AnswerWait = TimeSpan.FromMilliseconds(200) }, 5432);
        Assert.Equal("http", service?.Name);
    }

    [Fact]
    public async Task Server_that_says_the_same_back_is_an_echo()
    {
        await using var server = ScriptedServer.Start(async (connection, ct) => await connection.Stream.CopyToAsync(connection.Stream, ct));
        Assert.Equal("echo", (await AskAsync(At(server.Port), 9999))?.Name);
    }

    [Fact]
    public async Task Server_that_hangs_up_on_a_page_is_asked_all_other_questions()
    {
        await using var server = ScriptedServer.Start(async (connection, ct) =>
        {
            var first = await connection.ReadBytesAsync(1, ct);
            if (first[0] == 0)
                await connection.SendAsync("N", ct);
        });
        Assert.Equal("postgresql", (await AskAsync(At(server.Port), 9999))?.Name);
    }

    [Fact]
    public async Task Tls_is_told_with_certificate_and_alpn_whoever_issued_it()
    {
        using var certificate = TestCertificateAuthority.SelfSigned(new TestCertificateOptions
        {
            CommonName = "old.example.test",
            DnsNames = ["old.example.test"],
            NotBefore = new(2020, 1, 1, 0, 0, 0, default),
            NotAfter = new(2021, 1, 1, 0, 0, 0, default),
        });
        await using var server = LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = certificate } }).MapStatic("GET", "/", "<title>Secret</title>"u8.ToArray(), "text/html");
        var service = await AskAsync(At(server.Port), 443, "www.example.test");
        Assert.Equal(("http", "Secret", "TLS 1.3"), (service?.Name, service?.HttpTitle, service?.Tls?.Protocol));
        var leaf = service!.Tls!.Chain[0];
        Assert.Equal(("CN=old.example.test", "old.example.test", 2021), (leaf.Subject, leaf.Names[0], leaf.NotAfter.Year));
    }

    [Fact]
    public async Task Tls_at_an_unusual_port_is_found_by_what_it_answers_to_a_request()
    {
        using var authority = new TestCertificateAuthority("x");
        await using var server = LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = authority.Issue() } }).MapStatic("GET", "/", "<title>Hidden</title>"u8.ToArray(), "text/html");
        var service = await AskAsync(At(server.Port), 12345);
        Assert.Equal(("http", "Hidden"), (service?.Name, service?.HttpTitle));
        Assert.NotNull(service?.Tls);
        Assert.Null((await AskAsync(At(server.Port) with { AskTls = false }, 12345))?.Tls);
        var bare = await AskAsync(At(server.Port) with { AskServices = false }, 12345);
        Assert.Equal(("tls", null), (bare?.Name, bare?.HttpTitle));
    }

    [Fact]
    public async Task Mail_server_is_asked_for_tls_in_its_own_words()
    {
        using var authority = new TestCertificateAuthority("mail");
        await using var server = ScriptedServer.Start(async (connection, ct) =>
        {
            await connection.SendAsync("220 x ESMTP Exim 4.96\r\n", ct);
            await connection.ReadBytesAsync("EHLO scan.invalid\r\n".Length, ct);
            await connection.SendAsync("250-x\r\n250 STARTTLS\r\n", ct);
            await connection.ReadBytesAsync("STARTTLS\r\n".Length, ct);
            await connection.SendAsync("220 go\r\n", ct);
            await connection.AuthenticateAsync(new LoopbackTlsOptions { Certificate = authority.Issue() }, ct);
        });
        var service = await AskAsync(At(server.Port), 25);
        Assert.Equal(("smtp", "Exim", "4.96"), (service?.Name, service?.Product, service?.Version));
        Assert.Contains("localhost", service?.Tls?.Chain[0].Names ?? []);
    }

    [Fact]
    public async Task Probe_of_ones_own_is_asked_first()
    {
        await using var server = ScriptedServer.Start(async (connection, ct) => await connection.SendAsync("HAL ready\n", ct));
        var options = At(server.Port) with
        {
            Probes =
            [
                (_, _, _) => throw new FormatException("not mine"),
                async (port, connection, ct) =>
                {
                    var bytes = new byte[9];
                    await connection.ReadExactlyAsync(bytes, ct);
                    return bytes.AsSpan().SequenceEqual("HAL ready"u8) ? new ServiceInfo { Name = "hal", Version = $"{port.Port}" } : null;
                },
            ],
        };
        Assert.Equal("hal 9000", (await AskAsync(options, 9000))?.ToString());
    }

    [Fact, Trait("Cve", "57")]
    public async Task Endless_banner_is_cut_and_left()
    {
        await using var server = ScriptedServer.Start(async (connection, ct) => await connection.SendEndlesslyAsync("\u001b]0;pwned\u0007 A ", ct));
        var service = await AskAsync(At(server.Port) with { GreetingWait = TimeSpan.FromSeconds(30), MaxAnswerBytes = 4096 }, 9999);
        Assert.Equal("unknown", service?.Name);
        Assert.InRange(service!.Banner!.Length, 100, 256);
        Assert.DoesNotContain('\u001b', service.ToString());
    }

    [Fact, Trait("Cve", "30")]
    public async Task Silent_server_and_one_that_drips_end_with_the_time_for_a_port()
    {
        await using var silent = ScriptedServer.Start((connection, ct) => connection.StallAsync(ct));
        var hasty = At(silent.Port) with { GreetingWait = TimeSpan.FromMilliseconds(20), AnswerWait = TimeSpan.FromMilliseconds(20) };
        Assert.Null(await AskAsync(hasty, 9999));
        Assert.Null(await AskAsync(At(silent.Port) with { GreetingWait = TimeSpan.FromMinutes(1), Total = TimeSpan.FromMilliseconds(50) }, 9999));
        await using var slow = ScriptedServer.Start((connection, ct) => connection.DripAsync(new byte[10_000], TimeSpan.FromMilliseconds(5), ct));
        await AskAsync(At(slow.Port) with { GreetingWait = TimeSpan.FromMinutes(1), Total = TimeSpan.FromMilliseconds(100) }, 9999);
    }

    [Fact, Trait("Cve", "57")]
    public async Task Garbage_in_place_of_tls_and_a_reset_say_nothing_and_break_nothing()
    {
        await using var garbage = ScriptedServer.Start(async (connection, ct) => await connection.SendAsync(Enumerable.Range(0, 5000).Select(i => (byte)(i * 37)).ToArray(), ct));
        var service = await AskAsync(At(garbage.Port), 443);
        Assert.True(service is null or { Tls: null });
        await using var broken = ScriptedServer.Start(connection =>
        {
            connection.Reset();
            return Task.CompletedTask;
        });
        Assert.Null(await AskAsync(At(broken.Port), 443));
        Assert.Null(await AskAsync(At(broken.Port), 9999));
    }

    [Fact]
    public async Task Egress_policy_is_asked_about_each_connection()
    {
        await using var server = LoopbackServer.Start();
        var options = new ServiceIdentifierOptions { Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly } };
        await Assert.ThrowsAsync<PolicyException>(() => AskAsync(options, server.Port));
        Assert.Equal(0, server.ConnectionCount);
    }

    [Fact]
    public async Task Caller_cancels()
    {
        await using var silent = ScriptedServer.Start((connection, ct) => connection.StallAsync(ct));
        using var cancel = new CancellationTokenSource();
        var asking = new ServiceIdentifier(At(silent.Port) with { GreetingWait = TimeSpan.FromMinutes(1), Total = TimeSpan.FromMinutes(1) }).IdentifyAsync(Found(9999), cancel.Token);
        await silent.WaitForConnectionsAsync(1, Stop);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await asking);
    }

    [Fact]
    public void Options_are_validated_with_the_property_named()
    {
        Assert.Contains("MaxAnswerBytes", Assert.ThrowsAny<ArgumentException>(() => new ServiceIdentifier(new ServiceIdentifierOptions { MaxAnswerBytes = 0 })).Message);
        Assert.Contains("Total", Assert.ThrowsAny<ArgumentException>(() => new ServiceIdentifier(new ServiceIdentifierOptions { Total = TimeSpan.Zero })).Message);
    }
}

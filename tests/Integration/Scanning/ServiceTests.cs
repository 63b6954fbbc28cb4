using System.Net;
using System.Net.Sockets;
using System.Text;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Scanning.Internal;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Dns;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Integration.Scanning;

/// <summary>Real servers are found and recognised; hostile ones are survived.</summary>
public sealed class ServiceTests(DnsmasqServer dns) : IClassFixture<DnsmasqServer>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static async Task<ScanReport> ScanAsync(ServiceIdentifierOptions options, params int[] ports)
    {
        var scanner = new PortScanner("localhost", new PortScannerOptions
        {
            Identify = new ServiceIdentifier(options).IdentifyAsync,
            Transport = TransportOptions.Default with { Resolver = ResolverOptions.Default with { Families = IPFamilies.IPv4 } },
        });
        return (await scanner.ScanAsync(PortSet.Of(ports), Stop)).Report;
    }

    /// <summary>A server that waits to be asked.</summary>
    private static Task<ServiceInfo?> AskAsync(int port) => AskAsync(port, TimeSpan.FromMilliseconds(200));

    /// <summary>A server that speaks first, on a busy machine as late as it must.</summary>
    private static Task<ServiceInfo?> HearAsync(int port) => AskAsync(port, TimeSpan.FromSeconds(10));

    private static async Task<ServiceInfo?> AskAsync(int port, TimeSpan greetingWait) =>
        Assert.Single((await ScanAsync(ServiceIdentifierOptions.Default with { GreetingWait = greetingWait, Total = TimeSpan.FromSeconds(20) }, port)).Results).Service;

    /// <summary>A server of a test at a port that is the protocol's own.</summary>
    private static async Task<ServiceInfo?> AskAsIfAtAsync(int wellKnown, int port)
    {
        var options = ServiceIdentifierOptions.Default with
        {
            Transport = TransportOptions.Default with
            {
                DialOver = async (_, ct) =>
                {
                    var client = new TcpClient();
                    await client.ConnectAsync(IPAddress.Loopback, port, ct);
                    return client.GetStream();
                },
            },
        };
        return await new ServiceIdentifier(options).IdentifyAsync(
            new PortResult { Host = "localhost", Address = IPAddress.Loopback, Port = wellKnown, Protocol = PortProtocol.Tcp, State = PortState.Open, Reason = PortReason.SynAck }, Stop);
    }

    [Fact]
    public async Task Nginx_is_recognised_with_and_without_tls()
    {
        using var authority = new TestCertificateAuthority("nginx");
        await using var nginx = await NginxServer.StartAsync(authority);
        var plain = await AskAsync(new Uri(nginx.Plain).Port);
        Assert.Equal(("http", "nginx", 403), (plain?.Name, plain?.Product, plain?.HttpStatus));
        Assert.Matches(@"^1\.\d+\.\d+$", plain?.Version);
        Assert.Equal("403 Forbidden", plain?.HttpTitle);
        var secure = await AskAsync(new Uri(nginx.Tls13).Port);
        Assert.Equal(("http", "nginx", "TLS 1.3", "h2"), (secure?.Name, secure?.Product, secure?.Tls?.Protocol, secure?.Tls?.ApplicationProtocol));
        Assert.Contains("localhost", secure?.Tls?.Chain[0].Names ?? []);
        var mutual = await AskAsync(new Uri(nginx.Mutual).Port);
        Assert.Equal(("http", 400), (mutual?.Name, mutual?.HttpStatus));
        Assert.NotEmpty(mutual?.Tls?.Chain ?? []);
    }

    [Fact]
    public async Task Redis_is_recognised_at_its_port_and_elsewhere()
    {
        var port = ServerProcess.FreePort();
        await using var redis = await RedisServer.StartAsync(port);
        var service = await AskAsIfAtAsync(6379, port);
        Assert.Equal(("redis", "Redis"), (service?.Name, service?.Product));
        Assert.Matches(@"^\d+\.\d+\.\d+$", service?.Version);
        Assert.Equal("redis", (await AskAsync(port))?.Name);
    }

    [Fact]
    public async Task PostgreSql_is_recognised()
    {
        var port = ServerProcess.FreePort();
        await using var server = await ServicePeers.StartPostgresAsync(port);
        var service = await AskAsIfAtAsync(5432, port);
        Assert.Equal(("postgresql", "PostgreSQL"), (service?.Name, service?.Product));
        Assert.Equal("postgresql", (await AskAsync(port))?.Name);
    }

    [Fact]
    public async Task MariaDb_is_recognised_wherever_it_listens()
    {
        var port = ServerProcess.FreePort();
        await using var server = await ServicePeers.StartMariaAsync(port);
        var service = await HearAsync(port);
        Assert.Equal(("mysql", "MariaDB"), (service?.Name, service?.Product));
        Assert.Matches(@"^1\d\.\d+\.\d+", service?.Version);
    }

    [Fact]
    public async Task Memcached_and_mosquitto_are_recognised()
    {
        var (cache, broker) = (ServerProcess.FreePort(), ServerProcess.FreePort());
        await using var memcached = await ServicePeers.StartMemcachedAsync(cache);
        await using var mosquitto = await ServicePeers.StartMosquittoAsync(broker);
        var service = await AskAsIfAtAsync(11211, cache);
        Assert.Equal(("memcache", "memcached"), (service?.Name, service?.Product));
        Assert.Matches(@"^\d+\.\d+\.\d+$", service?.Version);
        Assert.Equal("memcache", (await AskAsync(cache))?.Name);
        Assert.Equal(("mqtt", "3.1.1"), await AskAsIfAtAsync(1883, broker) is { } mqtt ? (mqtt.Name, mqtt.Version) : default);
    }

    [Fact]
    public async Task Servers_of_mail_and_files_are_recognised()
    {
        var (smtp, imap, pop3) = (ServerProcess.FreePort(), ServerProcess.FreePort(), ServerProcess.FreePort());
        await using var mail = await ServicePeers.StartSmtpAsync(smtp);
        await using var dovecot = await ServicePeers.StartDovecotAsync(imap, pop3);
        Assert.Equal("smtp", (await HearAsync(smtp))?.Name);
        Assert.Equal(("imap", "Dovecot"), await HearAsync(imap) is { } first ? (first.Name, first.Product) : default);
        Assert.Equal(("pop3", "Dovecot"), await HearAsync(pop3) is { } second ? (second.Name, second.Product) : default);
    }

    [Theory]
    [InlineData("ed25519")]
    [InlineData("ecdsa")]
    [InlineData("rsa")]
    public async Task OpenSsh_shows_its_version_and_host_key(string keyKind)
    {
        await using var ssh = await SshServer.StartAsync(keyKind);
        var service = await HearAsync(ssh.Port);
        Assert.Equal(("ssh", "OpenSSH", ssh.Fingerprint), (service?.Name, service?.Product, service?.SshHostKeyFingerprint));
        Assert.Matches(@"^\d+\.\d+p\d", service?.Version);
    }

    [Fact]
    public async Task Openssl_of_an_old_version_with_an_expired_certificate_is_described()
    {
        using var certificate = TestCertificateAuthority.SelfSigned(new TestCertificateOptions { CommonName = "old", NotBefore = new(2019, 1, 1, 0, 0, 0, default), NotAfter = new(2020, 1, 1, 0, 0, 0, default) });
        var (process, port) = await OpensslServer.StartAsync(certificate, [], "-tls1_2");
        await using var server = process;
        var service = await AskAsync(port);
        Assert.Equal(("http", 200, "TLS 1.2"), (service?.Name, service?.HttpStatus, service?.Tls?.Protocol));
        Assert.Equal(("CN=old", 2020), (service!.Tls!.Chain[0].Subject, service.Tls.Chain[0].NotAfter.Year));
    }

    [Fact]
    public async Task Dnsmasq_answers_the_datagram_for_name_servers()
    {
        using var client = new UdpClient();
        client.Connect(dns.EndPoint);
        await client.SendAsync(UdpServices.QuestionFor(53), Stop);
        var answer = await client.ReceiveAsync(Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(10), Stop);
        var service = UdpServices.Read(53, answer.Buffer);
        Assert.Equal(("domain", "dnsmasq"), (service?.Name, service?.Product));
        Assert.Matches(@"^2\.\d+", service?.Version);
        Assert.Equal("domain", (await AskAsIfAtAsync(53, dns.EndPoint.Port))?.Name);
    }

    [Fact]
    public async Task Hostile_servers_neither_stop_a_scan_nor_get_out_of_its_reports()
    {
        const string Escape = "\u001b]0;pwned\u0007\u001b[2J=cmd|'/c calc'!A1\"><script>alert(1)</script>";
        await using var steering = ScriptedServer.Start(async (connection, ct) => await connection.SendAsync(Escape + "\r\n", ct));
        await using var endless = ScriptedServer.Start(async (connection, ct) => await connection.SendEndlesslyAsync(Escape, ct));
        await using var silent = ScriptedServer.Start((connection, ct) => connection.StallAsync(ct));
        await using var dripping = ScriptedServer.Start((connection, ct) => connection.DripAsync(new byte[100_000], TimeSpan.FromMilliseconds(2), ct));
        await using var garbage = ScriptedServer.Start(async (connection, ct) => await connection.SendAsync(new byte[] { 0x16, 3, 3, 0x40, 0, 2, 0, 0xFF, 0xFF, 1, 2, 3 }, ct));
        await using var page = ScriptedServer.Start(async (connection, ct) =>
        {
            await connection.ReadRequestAsync(ct);
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nServer: {Escape}\r\n\r\n<title>{Escape}</title>", ct);
        });
        int[] ports = [steering.Port, endless.Port, silent.Port, dripping.Port, garbage.Port, page.Port];
        var options = new ServiceIdentifierOptions { GreetingWait = TimeSpan.FromMilliseconds(300), AnswerWait = TimeSpan.FromMilliseconds(300), Total = TimeSpan.FromSeconds(2) };
        var report = await ScanAsync(options, ports);
        Assert.Equal(ports.Order(), report.Results.Select(result => result.Port));
        Assert.All(report.Results, result => Assert.True((result.Service?.Banner?.Length ?? 0) <= 256));
        foreach (var format in Enum.GetValues<ScanReportFormat>())
        {
            using var output = new MemoryStream();
            await ScanReportFile.WriteAsync(report, output, format, Stop);
            var text = Encoding.UTF8.GetString(output.ToArray());
            Assert.DoesNotContain('\u001b', text);
            if (format is ScanReportFormat.Html or ScanReportFormat.NmapXml)
                Assert.DoesNotContain("<script>alert", text);
        }
    }
}

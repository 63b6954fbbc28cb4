using System.Globalization;
using System.Net;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Tests.Integration.Http;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Integration.Dns;

/// <summary>DNS over HTTPS (RFC 8484) to dnsdist, with dnsmasq behind it.</summary>
public sealed class DnsdistTests(DnsmasqServer dnsmasq) : IClassFixture<DnsmasqServer>, IAsyncLifetime
{
    private readonly TestCertificateAuthority _authority = new();
    private readonly int _port = ServerProcess.FreePort();
    private ServerProcess? _dnsdist;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private DnsHttpsOptions Options => new()
    {
        Url = string.Create(CultureInfo.InvariantCulture, $"https://localhost:{_port}/dns-query"),
        Bootstrap = [IPAddress.Loopback],
        Transport = new TransportOptions { Tls = new TlsOptions { TrustedRoots = [_authority.Root] } },
    };

    public async ValueTask InitializeAsync()
    {
        var folder = new ServerFolder();
        using var certificate = _authority.Issue();
        _authority.WritePem(certificate, folder["cert.pem"], folder["key.pem"]);
        var configuration = folder.Write("dnsdist.conf", $$"""
            setLocal("127.0.0.1:{{ServerProcess.FreePort()}}")
            setACL({"127.0.0.0/8"})
            setSecurityPollSuffix("")
            newServer({address="{{dnsmasq.EndPoint}}", healthCheckMode="up"})
            addDOHLocal("127.0.0.1:{{_port}}", "{{folder["cert.pem"]}}", "{{folder["key.pem"]}}", "/dns-query")

            """);
        _dnsdist = await ServerProcess.StartAsync(folder, _port, "/usr/bin/dnsdist", "--supervised", "--disable-syslog", "-C", configuration);
    }

    public async ValueTask DisposeAsync()
    {
        if (_dnsdist is not null)
            await _dnsdist.DisposeAsync();
        _authority.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Names_become_addresses(bool get)
    {
        await using var resolver = new DnsHttpsResolver(Options with { UseGet = get });
        var found = await resolver.ResolveAsync("alias.test", Stop);
        Assert.Equal(("2001:db8::1 192.0.2.1", TimeSpan.FromSeconds(120)), (string.Join(' ', found.Addresses), found.TimeToLive));
        var missing = await Assert.ThrowsAsync<DNSResolutionException>(async () => await resolver.ResolveAsync("missing.test", Stop));
        Assert.Equal(ErrorCodes.DnsNotFound, missing.Code);
        // The last one: dnsmasq serves nobody else while dnsdist keeps the TCP connection that this long answer took.
        Assert.Equal(200, (await resolver.ResolveAsync("big.test", Stop)).Addresses.Count);
    }

    [Fact]
    public async Task Client_resolves_through_it_and_says_so_when_it_is_gone()
    {
        await using var target = LabEndpoints.MapTo(LoopbackServer.Start());
        await using var resolver = new DnsHttpsResolver(Options);
        await using var client = new HTTPClient(Calls.Options with
        {
            Transport = new TransportOptions { Resolver = new ResolverOptions { Custom = resolver, MaxTimeToLive = TimeSpan.Zero } },
        });
        var error = await Assert.ThrowsAsync<DNSResolutionException>(() => client.GetAsync("http://missing.test/", cancellationToken: Stop));
        Assert.Equal(ErrorCodes.DnsNotFound, error.Code);
        _dnsdist!.Kill();
        error = await Assert.ThrowsAsync<DNSResolutionException>(() => client.GetAsync("http://both.test/", cancellationToken: Stop));
        Assert.Equal((ErrorCodes.DnsServerFailure, WasSent.Never), (error.Code, error.WasSent));
    }
}

using System.Net;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Integration.Dns;

public class DnsmasqTests : IClassFixture<DnsmasqServer>
{
    private readonly DnsServerResolver _resolver;
    private readonly IPEndPoint _server;

    public DnsmasqTests(DnsmasqServer server)
    {
        Assert.True(DnsmasqServer.IsInstalled, "dnsmasq is not installed.");
        _server = server.EndPoint;
        _resolver = new DnsServerResolver(server.EndPoint);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("both.test", "2001:db8::1 192.0.2.1")]
    [InlineData("BOTH.test.", "2001:db8::1 192.0.2.1")]
    [InlineData("four.test", "192.0.2.4")]
    [InlineData("six.test", "2001:db8::6")]
    [InlineData("any.wild.test", "192.0.2.7")]
    [InlineData("alias.test", "2001:db8::1 192.0.2.1")]
    [InlineData("alias2.test", "2001:db8::1 192.0.2.1")]
    public async Task Names_become_addresses_with_their_time_to_live(string host, string addresses)
    {
        var found = await _resolver.ResolveAsync(host, Stop);
        Assert.Equal(addresses, string.Join(' ', found.Addresses));
        Assert.Equal(TimeSpan.FromSeconds(120), found.TimeToLive);
    }

    [Theory]
    [InlineData("mail.test", DnsRecordType.MX, "10 both.test")]
    [InlineData("_http._tcp.test", DnsRecordType.SRV, "1 2 8080 both.test")]
    [InlineData("alias.test", DnsRecordType.CNAME, "both.test")]
    [InlineData("text.test", DnsRecordType.TXT, "\"v=1 \\\"quoted\\\"\" \"second\"")]
    [InlineData("both.test", DnsRecordType.CAA, "0 issue \"ca.test\"")]
    [InlineData("both.test", DnsRecordType.HTTPS, "1 . alpn=\"h2\" port=443")]
    [InlineData("both.test", (DnsRecordType)65280, @"\# 2 CAFE")]
    [InlineData("192.0.2.4", DnsRecordType.PTR, "four.test")]
    [InlineData("2001:db8::6", DnsRecordType.PTR, "six.test")]
    public async Task Records_of_every_type_are_read(string name, DnsRecordType type, string data)
    {
        var answer = await _resolver.QueryAsync(name, type, Stop);
        Assert.Equal(data, Assert.Single(answer.Records).Data);
        Assert.Equal(_server, answer.Server);
        Assert.False(answer.OverTcp);
        Assert.True(answer.Elapsed > TimeSpan.Zero);
    }

    [Fact]
    public async Task An_alias_is_shown_before_what_it_leads_to()
    {
        var answer = await _resolver.QueryAsync("alias2.test", DnsRecordType.A, Stop);
        Assert.Equal(["alias.test", "both.test", "192.0.2.1"], answer.Records.Select(record => record.Data));
    }

    [Fact]
    public async Task A_long_answer_comes_over_tcp()
    {
        var answer = await _resolver.QueryAsync("big.test", DnsRecordType.A, Stop);
        Assert.True(answer.OverTcp);
        Assert.Equal(DnsmasqServer.BigAddresses.Order(), answer.Records.Select(record => record.Data).Order());
    }

    [Theory]
    [InlineData("none.test", DnsRecordType.A, ErrorCodes.DnsNotFound)]
    [InlineData("four.test", DnsRecordType.AAAA, ErrorCodes.DnsNotFound)]
    [InlineData("elsewhere.example", DnsRecordType.A, ErrorCodes.DnsServerFailure)]
    public async Task What_the_server_denies_or_refuses_becomes_our_code(string name, DnsRecordType type, string code)
    {
        var error = await Assert.ThrowsAsync<DNSResolutionException>(() => _resolver.QueryAsync(name, type, Stop));
        Assert.Equal(code, error.Code);
        Assert.Equal(NetworkPhase.Resolve, error.Phase);
        Assert.Equal(_server.ToString(), Assert.Single(error.Attempts).Address);
    }
}

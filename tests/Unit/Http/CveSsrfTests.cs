using System.Collections.Concurrent;
using System.Net;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Unit.Transport;
using Codomyrmex.Networking.Transport;
using ScriptedDnsAnswer = Codomyrmex.Networking.Testing.ScriptedDnsAnswer;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Requests that are talked into reaching what they must not.</summary>
public class CveSsrfTests
{
    private static HTTPClientOptions Guarded(ResolverOptions? resolver = null, EgressPolicy? policy = null) => RawAnswer.Options with
    {
        Timeouts = Timeouts.Default with { Total = RawAnswer.Patience, Connect = TimeSpan.FromMilliseconds(300) },
        Transport = new TransportOptions { Policy = policy ?? EgressPolicy.PublicInternetOnly, Resolver = resolver ?? ResolverOptions.Default },
    };

    [Fact]
    [Trait("Cve", "34")]
    public async Task Name_that_turns_to_loopback_after_its_check_is_denied_and_never_connected()
    {
        await using var server = LoopbackServer.Start();
        var asked = 0;
        var resolver = new DnsScriptedResolver((_, _) => new(new ResolvedAddresses(
            [IPAddress.Parse(Interlocked.Increment(ref asked) == 1 ? "192.0.2.1" : "127.0.0.1")], TimeSpan.Zero)));
        // 192.0.2.1 stands for a public address here; nothing answers there.
        var options = Guarded(new ResolverOptions { Custom = resolver, DefaultTimeToLive = TimeSpan.Zero }, EgressPolicy.PublicInternetOnly.Allowing("192.0.2.0/24"));
        using var client = new HTTPClient(options);
        var first = await RawAnswer.FailureAsync(client, new Uri($"http://rebinding.test:{server.Port}/"));
        Assert.True(first.Code is ErrorCodes.TimeoutConnect or ErrorCodes.TcpUnreachable or ErrorCodes.TcpRefused, first.ToString());
        Assert.All(first.Attempts, attempt => Assert.StartsWith("192.0.2.1:", attempt.Address));
        var second = await RawAnswer.FailureAsync(client, new Uri($"http://rebinding.test:{server.Port}/"));
        Assert.Equal(ErrorCodes.PolicyDenied, second.Code);
        Assert.Equal(0, server.ConnectionCount);
    }

    [Fact]
    [Trait("Cve", "34")]
    public async Task One_look_up_serves_the_check_and_the_connection()
    {
        await using var allowed = LoopbackServer.Start();
        allowed.MapStatic("GET", "/", "allowed"u8.ToArray());
        await using var forbidden = LoopbackServer.Start(new LoopbackServerOptions { Address = IPAddress.Parse("127.0.0.2"), Port = allowed.Port });
        var asked = 0;
        var resolver = new DnsScriptedResolver((_, _) => new(new ResolvedAddresses(
            [IPAddress.Parse(Interlocked.Increment(ref asked) == 1 ? "127.0.0.1" : "127.0.0.2")], TimeSpan.Zero)));
        using var client = new HTTPClient(Guarded(new ResolverOptions { Custom = resolver, DefaultTimeToLive = TimeSpan.Zero }, EgressPolicy.Nothing.Allowing("127.0.0.1")));
        using var response = await client.GetAsync($"http://rebinding.test:{allowed.Port}/", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(("allowed", 1), (response.Text, asked));
        Assert.Equal(0, forbidden.ConnectionCount);
    }

    [Fact]
    [Trait("Cve", "34")]
    public async Task Forbidden_address_among_allowed_ones_is_left_out()
    {
        await using var allowed = LoopbackServer.Start();
        allowed.MapStatic("GET", "/", "allowed"u8.ToArray());
        await using var forbidden = LoopbackServer.Start(new LoopbackServerOptions { Address = IPAddress.Parse("127.0.0.2"), Port = allowed.Port });
        var resolver = DnsScriptedResolver.Of(null, "127.0.0.2", "::1", "127.0.0.1", "169.254.169.254");
        using var client = new HTTPClient(Guarded(new ResolverOptions { Custom = resolver }, EgressPolicy.Nothing.Allowing("127.0.0.1")));
        using var response = await client.GetAsync($"http://many.test:{allowed.Port}/", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("allowed", response.Text);
        Assert.Equal(0, forbidden.ConnectionCount);
    }

    [Fact]
    [Trait("Cve", "34")]
    public async Task Rebinding_name_server_is_asked_once_for_both_the_check_and_the_connection()
    {
        await using var server = LoopbackServer.Start();
        await using var dns = ScriptedDnsServer.Start(question => question.Type != ScriptedDnsQuestion.A ? ScriptedDnsAnswer.Of((IReadOnlyList<string>)[])
            : question.Occurrence == 1 ? ScriptedDnsAnswer.Of("192.0.2.1") with { TimeToLive = TimeSpan.Zero } : ScriptedDnsAnswer.Of("127.0.0.1"));
        var options = Guarded(new ResolverOptions { Server = dns.EndPoint }, EgressPolicy.PublicInternetOnly.Allowing("192.0.2.0/24"));
        using var client = new HTTPClient(options);
        for (var i = 0; i < 2; i++)
        {
            var error = await RawAnswer.FailureAsync(client, new Uri($"http://rebinding.test:{server.Port}/"));
            Assert.All(error.Attempts, attempt => Assert.StartsWith("192.0.2.1:", attempt.Address));
        }
        Assert.Equal(0, server.ConnectionCount);
    }

    [Theory]
    [InlineData("127.1")]
    [InlineData("127.0.1")]
    [InlineData("0177.0.0.1")]
    [InlineData("0x7f.0.0.1")]
    [InlineData("0x7f000001")]
    [InlineData("2130706433")]
    [InlineData("017700000001")]
    [InlineData("0.0.0.0")]
    [InlineData("0")]
    [InlineData("[::]")]
    [InlineData("[::1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("[::ffff:7f00:1]")]
    [InlineData("[::127.0.0.1]")]
    [InlineData("[64:ff9b::7f00:1]")]
    [InlineData("[2002:7f00:1::]")]
    [InlineData("[2001:0:7f00:1::]")]
    [InlineData("[fe80::1%251]")]
    [InlineData("[fe80::1]")]
    [InlineData("[fec0::1]")]
    [InlineData("[fc00::1]")]
    [InlineData("[ff02::1]")]
    [InlineData("100.64.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("192.168.0.1")]
    [InlineData("198.18.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("localhost")]
    [InlineData("LOCALHOST.")]
    [InlineData("a.localhost")]
    [InlineData("\u2460\u2461\u2466.0.0.1")]
    [InlineData("127\u30020\u30020\u30021")]
    [InlineData("\uff11\uff12\uff17.0.0.1")]
    [Trait("Cve", "35")]
    public async Task Odd_spelling_of_a_forbidden_address_opens_no_connection(string host)
    {
        await using var v4 = LoopbackServer.Start();
        using var client = new HTTPClient(Guarded());
        try
        {
            using var response = await client.GetAsync($"http://{host}:{v4.Port}/", cancellationToken: TestContext.Current.CancellationToken);
            Assert.Fail($"{host} was reached: {response.RemoteAddress}");
        }
        catch (Exception error) when (error is NetworkException or ArgumentException)
        {
            Assert.True(error is ArgumentException or PolicyException or DNSResolutionException, error.ToString());
        }
        Assert.Equal(0, v4.ConnectionCount);
    }

    [Theory]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("2002:a9fe:a9fe::")]
    [InlineData("fe80::1")]
    [InlineData("10.0.0.1")]
    [Trait("Cve", "36")]
    public async Task Name_with_a_forbidden_address_opens_no_connection(string address)
    {
        var resolver = DnsScriptedResolver.Of(null, address);
        var error = await RawAnswer.FailureAsync(new Uri("http://looks-public.test/"), Guarded(new ResolverOptions { Custom = resolver }));
        Assert.Equal((ErrorCodes.PolicyDenied, NetworkPhase.Policy, WasSent.Never), (error.Code, error.Phase, error.WasSent));
        Assert.NotNull(Assert.IsType<PolicyException>(error).Rule);
        Assert.False(error.IsTransient);
    }

    [Fact]
    [Trait("Cve", "36")]
    public async Task Denial_is_not_tried_again()
    {
        var resolver = DnsScriptedResolver.Of(TimeSpan.Zero, "10.0.0.1");
        var options = Guarded(new ResolverOptions { Custom = resolver, DefaultTimeToLive = TimeSpan.Zero }) with { Retry = new Resilience.RetryOptions { BaseDelay = TimeSpan.Zero } };
        var error = await RawAnswer.FailureAsync(new Uri("http://inside.test/"), options);
        Assert.Equal(ErrorCodes.PolicyDenied, error.Code);
        Assert.Single(resolver.Asked);
    }

    [Fact]
    [Trait("Cve", "36")]
    public async Task Policy_of_a_single_request_holds_for_it_and_a_connection_made_without_it_is_not_lent()
    {
        await using var server = LoopbackServer.Start();
        server.MapStatic("GET", "/", "ok"u8.ToArray());
        using var client = new HTTPClient(RawAnswer.Options);
        (await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        var guarded = new RequestOptions { Transport = new TransportOptions { Policy = EgressPolicy.PublicInternetOnly } };
        Assert.Equal(ErrorCodes.PolicyDenied, (await RawAnswer.FailureAsync(client, server.Url, guarded)).Code);
        var dialled = new ConcurrentQueue<Endpoint>();
        var over = new TransportOptions { Policy = EgressPolicy.PublicInternetOnly, DialOver = (endpoint, _) => { dialled.Enqueue(endpoint); return new(new EchoHostStream()); } };
        Assert.Equal(ErrorCodes.PolicyDenied, (await RawAnswer.FailureAsync(client, server.Url, new RequestOptions { Transport = over })).Code);
        Assert.Empty(dialled);
    }

    [Fact]
    [Trait("Cve", "36")]
    public async Task What_lies_beneath_gets_an_address_that_was_checked_and_no_name_to_look_up()
    {
        var dialled = new ConcurrentQueue<Endpoint>();
        var over = new TransportOptions
        {
            Policy = EgressPolicy.PublicInternetOnly.Allowing("vouched.test"),
            Resolver = new ResolverOptions
            {
                Hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { ["site.test"] = [IPAddress.Parse("93.184.216.34")], ["inside.test"] = [IPAddress.Parse("10.0.0.1")] },
            },
            DialOver = (endpoint, _) => { dialled.Enqueue(endpoint); return new(new EchoHostStream()); },
        };
        using var client = new HTTPClient(RawAnswer.Options with { Transport = over });
        foreach (var name in (string[])["inside.test", "localhost", "10.0.0.1", "no-such.test"])
            Assert.Matches(name == "no-such.test" ? @"^dns\." : "^policy\\.denied$", (await RawAnswer.FailureAsync(client, new Uri($"http://{name}:81/"))).Code);
        Assert.Empty(dialled);
        foreach (var name in (string[])["site.test", "vouched.test"])
            Assert.Equal($"{name}:81", (await client.GetAsync($"http://{name}:81/", cancellationToken: TestContext.Current.CancellationToken)).Text);
        Assert.Equal([new Endpoint("93.184.216.34", 81), new Endpoint("vouched.test", 81)], dialled);
        // The far side would resolve it, and a rule about addresses could not be asked.
        using var strict = client.With(options => options with { Transport = over with { Policy = over.Policy.Denying("192.0.2.0/24") } });
        Assert.StartsWith("dns.", (await RawAnswer.FailureAsync(strict, new Uri("http://vouched.test:81/"))).Code, StringComparison.Ordinal);
    }
}

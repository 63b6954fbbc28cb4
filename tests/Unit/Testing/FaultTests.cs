using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Unit.Http;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Testing;

/// <summary>Every fault that a server can be told to have, and the error that a client of it gets.</summary>
public sealed class FaultTests : IDisposable
{
    private static readonly string Text = new('x', 1000);
    private readonly TestCertificateAuthority _authority = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _authority.Dispose();

    private static LoopbackServer Serve(LoopbackServerOptions? options = null) => LabEndpoints.MapTo(LoopbackServer.Start(options))
        .MapStatic("GET", "/static", Encoding.ASCII.GetBytes(Text))
        .Map("GET", "/chunks", async exchange =>
        {
            await using var body = await exchange.StartAsync(200, cancellationToken: exchange.Aborted);
            for (var i = 0; i < 10; i++)
                await body.WriteAsync(Encoding.ASCII.GetBytes(Text[..100]), exchange.Aborted);
        });

    private LoopbackServer ServeTls() => Serve(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = _authority.Issue() } });

    private HTTPClient Client(Timeouts? timeouts = null, TimeProvider? clock = null) => new(RawAnswer.Options with
    {
        Timeouts = timeouts ?? RawAnswer.Options.Timeouts,
        Transport = TransportOptions.Default with { Tls = TlsOptions.Default with { TrustedRoots = [_authority.Root] } },
        Clock = clock ?? TimeProvider.System,
    });

    private async Task<NetworkException> FailureAsync(LoopbackServer server, string path, Timeouts? timeouts = null)
    {
        using var client = Client(timeouts);
        return await Assert.ThrowsAnyAsync<NetworkException>(() => client.GetAsync(server.Url + path, cancellationToken: Stop));
    }

    public static TheoryData<Fault, string, string, NetworkPhase> Answers => new()
    {
        { Fault.Reset(), "static", ErrorCodes.TcpReset, NetworkPhase.FirstByte },
        { Fault.Reset(after: 0), "static", ErrorCodes.TcpReset, NetworkPhase.Receive },
        { Fault.Reset(after: 10), "static", ErrorCodes.TcpReset, NetworkPhase.Receive },
        { Fault.Reset(after: 150), "chunks", ErrorCodes.TcpReset, NetworkPhase.Receive },
        { Fault.Reset(after: 5000), "chunks", ErrorCodes.TcpReset, NetworkPhase.Receive },
        { Fault.Truncate(), "static", ErrorCodes.TcpClosedEarly, NetworkPhase.FirstByte },
        { Fault.Truncate(after: 999), "static", ErrorCodes.HttpTruncated, NetworkPhase.Receive },
        { Fault.Truncate(after: 1000), "chunks", ErrorCodes.HttpTruncated, NetworkPhase.Receive },
        { Fault.Corrupt(), "static", ErrorCodes.HttpMalformed, NetworkPhase.FirstByte },
        { Fault.Corrupt(at: 12), "gzip", ErrorCodes.HttpDecode, NetworkPhase.Receive },
    };

    [Theory, MemberData(nameof(Answers))]
    public async Task Fault_of_an_answer_is_its_typed_error(Fault fault, string path, string code, NetworkPhase phase)
    {
        await using var server = Serve().Inject(fault);
        var error = await FailureAsync(server, path);
        Assert.Equal((code, phase), (error.Code, error.Phase));
        // The platform's engine sends again by itself what a closed connection left without an answer.
        Assert.True(server.FaultCount >= 1);
        Assert.Empty(server.Failures);
    }

    [Fact]
    public async Task Fault_of_a_connection_comes_before_any_request()
    {
        await using var server = Serve().Inject(Fault.Reset() with { AtConnection = true, Times = 1 });
        Assert.Equal(ErrorCodes.TcpReset, (await FailureAsync(server, "static")).Code);
        Assert.Empty(server.Requests);
        server.Inject(Fault.Corrupt() with { AtConnection = true });
        Assert.Equal(ErrorCodes.HttpMalformed, (await FailureAsync(server, "static")).Code);
    }

    [Theory]
    [InlineData(null, "static", ErrorCodes.TimeoutFirstByte)]
    [InlineData(0L, "static", ErrorCodes.TimeoutIdle)]
    [InlineData(250L, "chunks", ErrorCodes.TimeoutIdle)]
    public async Task Stall_is_the_timeout_of_its_phase(long? after, string path, string code)
    {
        await using var server = Serve().Inject(Fault.Stall(after));
        var brief = Timeouts.Default with { FirstByte = TimeSpan.FromMilliseconds(200), Idle = TimeSpan.FromMilliseconds(200) };
        var error = await FailureAsync(server, path, brief);
        Assert.Equal(code, Assert.IsType<NetworkTimeoutException>(error).Code);
    }

    [Fact]
    public async Task Delay_passes_on_the_servers_clock_and_the_answer_is_whole()
    {
        var clock = new FakeTimeProvider();
        await using var server = Serve(new LoopbackServerOptions { TimeProvider = clock }).Inject(Fault.Delay(TimeSpan.FromMinutes(1))).Inject(Fault.Delay(TimeSpan.FromMinutes(1)) with { Path = "/never" });
        using var client = Client();
        var call = client.GetAsync(server.Url + "static", cancellationToken: Stop);
        while (server.FaultCount == 0)
            await Task.Yield();
        Assert.False(call.IsCompleted);
        while (!call.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMinutes(1));
            await Task.Yield();
        }
        using var response = await call;
        Assert.Equal(Text, response.Text);
    }

    [Fact]
    public async Task Delay_can_come_in_the_middle_of_a_body()
    {
        await using var server = Serve().Inject(Fault.Delay(TimeSpan.FromMilliseconds(1), after: 500));
        using var client = Client();
        using var response = await client.GetAsync(server.Url + "chunks", cancellationToken: Stop);
        Assert.Equal((Text, 1), (response.Text, server.FaultCount));
    }

    public static TheoryData<string, string> OfTls => new()
    {
        { nameof(Fault.WrongName), ErrorCodes.TlsNameMismatch },
        { nameof(Fault.Expired), ErrorCodes.TlsExpired },
        { nameof(Fault.NotYetValid), ErrorCodes.TlsNotYetValid },
        { nameof(Fault.Untrusted), ErrorCodes.TlsUntrusted },
        { nameof(Fault.HandshakeGarbage), ErrorCodes.TlsProtocol },
        { nameof(Fault.Truncate), ErrorCodes.TlsClosedEarly },
        { nameof(Fault.Reset), ErrorCodes.TcpReset },
        { nameof(Fault.Stall), ErrorCodes.TimeoutTls },
    };

    [Theory, MemberData(nameof(OfTls))]
    public async Task Bad_TLS_is_its_typed_error_and_sends_nothing(string name, string code)
    {
        var fault = name switch
        {
            nameof(Fault.WrongName) => Fault.WrongName(_authority),
            nameof(Fault.Expired) => Fault.Expired(_authority),
            nameof(Fault.NotYetValid) => Fault.NotYetValid(_authority),
            nameof(Fault.Untrusted) => Fault.Untrusted(),
            nameof(Fault.HandshakeGarbage) => Fault.HandshakeGarbage(),
            nameof(Fault.Truncate) => Fault.Truncate() with { AtConnection = true },
            nameof(Fault.Reset) => Fault.Reset() with { AtConnection = true },
            _ => Fault.Stall() with { AtConnection = true },
        };
        await using var server = ServeTls().Inject(fault);
        var error = await FailureAsync(server, "static", Timeouts.Default with { Tls = TimeSpan.FromMilliseconds(name == nameof(Fault.Stall) ? 200 : 20_000) });
        Assert.Equal((code, WasSent.Never), (error.Code, error.WasSent));
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Fault_is_for_its_method_path_connection_and_number_of_times_only()
    {
        await using var server = Serve()
            .Inject(Fault.Reset() with { Method = "POST" })
            .Inject(Fault.Reset() with { Path = "/anything*", Times = 2 })
            .Inject(Fault.Truncate() with { Path = "/json", Connection = 99 });
        using var client = Client();
        (await client.GetAsync(server.Url + "json", cancellationToken: Stop)).EnsureSuccess();
        Assert.Equal(ErrorCodes.TcpReset, (await Assert.ThrowsAnyAsync<NetworkException>(() => client.PostAsync(server.Url + "post", cancellationToken: Stop))).Code);
        for (var i = 0; i < 2; i++)
            await Assert.ThrowsAnyAsync<NetworkException>(() => client.GetAsync(server.Url + "anything?q=1", cancellationToken: Stop));
        (await client.GetAsync(server.Url + "anything", cancellationToken: Stop)).EnsureSuccess();
        Assert.Equal(3, server.FaultCount);
        server.ClearFaults();
        (await client.PostAsync(server.Url + "post", cancellationToken: Stop)).EnsureSuccess();
    }

    [Fact]
    public async Task Client_that_retries_gets_over_a_fault_that_happens_once()
    {
        await using var server = Serve().Inject(Fault.Reset(after: 10) with { Times = 1 });
        using var client = new HTTPClient(RawAnswer.Options with { Retry = RetryOptions.Default with { BaseDelay = TimeSpan.Zero } });
        using var response = await client.GetAsync(server.Url + "static", cancellationToken: Stop);
        Assert.Equal((Text, 2, ErrorCodes.TcpReset), (response.Text, response.Attempts.Count, response.Attempts[0].Code));
    }

    [Fact]
    public async Task Chance_follows_the_seed()
    {
        async Task<string> RunAsync(int seed)
        {
            await using var server = Serve(new LoopbackServerOptions { FaultSeed = seed }).Inject(Fault.Reset() with { Chance = 0.5 });
            using var client = Client();
            var outcomes = new StringBuilder();
            for (var i = 0; i < 24; i++)
            {
                try
                {
                    using var response = await client.GetAsync(server.Url + "static", cancellationToken: Stop);
                    outcomes.Append('+');
                }
                catch (ConnectionException)
                {
                    outcomes.Append('-');
                }
            }
            return outcomes.ToString();
        }
        var first = await RunAsync(7);
        Assert.Equal(first, await RunAsync(7));
        Assert.NotEqual(first, await RunAsync(8));
        Assert.Contains('+', first);
        Assert.Contains('-', first);
    }

    [Fact]
    public async Task Fault_that_makes_no_sense_is_refused()
    {
        await using var server = Serve();
        Assert.Throws<ArgumentException>(() => server.Inject(Fault.Untrusted()));
        Assert.Throws<ArgumentException>(() => server.Inject(Fault.Reset() with { Chance = 1.5 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Fault.Reset(after: -1));
    }
}

using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Peers that break off, say nothing, or say it too slowly.</summary>
public class HostileConnectionTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task Nobody_listening_is_refused_and_nothing_was_sent()
    {
        int port;
        await using (var gone = ScriptedServer.Start((_, _) => Task.CompletedTask))
            port = gone.Port;
        var error = await RawAnswer.FailureAsync(new Uri($"http://127.0.0.1:{port}/"));
        Assert.IsType<ConnectionException>(error);
        Assert.Equal((ErrorCodes.TcpRefused, NetworkPhase.Connect, WasSent.Never), (error.Code, error.Phase, error.WasSent));
        Assert.Equal($"127.0.0.1:{port}", Assert.Single(error.Attempts).Address);
    }

    [Fact]
    public async Task Connection_closed_before_any_byte_was_read_is_closed_early()
    {
        await using var server = ScriptedServer.Start((_, _) => Task.CompletedTask);
        var error = await RawAnswer.FailureAsync(server.Url);
        Assert.Contains(error.Code, new[] { ErrorCodes.TcpClosedEarly, ErrorCodes.TcpReset });
        Assert.IsType<ConnectionException>(error);
    }

    [Fact]
    public async Task Connection_closed_behind_the_request_is_closed_early()
    {
        await using var server = ScriptedServer.Start((peer, stop) => peer.ReadRequestAsync(stop));
        var error = await RawAnswer.FailureAsync(server.Url);
        Assert.Equal((ErrorCodes.TcpClosedEarly, NetworkPhase.FirstByte, WasSent.Maybe), (error.Code, error.Phase, error.WasSent));
    }

    [Fact]
    public async Task Reset_before_the_answer_is_a_reset()
    {
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            peer.Reset();
        });
        var error = await RawAnswer.FailureAsync(server.Url);
        Assert.Equal((ErrorCodes.TcpReset, WasSent.Maybe), (error.Code, error.WasSent));
    }

    [Fact]
    public async Task Reset_within_the_head_is_a_reset()
    {
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-", stop);
            peer.Reset();
        });
        var error = await RawAnswer.FailureAsync(server.Url);
        Assert.Equal((ErrorCodes.TcpReset, WasSent.Maybe), (error.Code, error.WasSent));
    }

    [Fact]
    public async Task Reset_within_the_body_is_a_reset_of_an_answered_request()
    {
        var gate = new TaskCompletionSource();
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", stop);
            await gate.Task.WaitAsync(stop);
            peer.Reset();
        });
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        gate.SetResult();
        var error = await Assert.ThrowsAsync<ConnectionException>(() => response.OpenStream().CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));
        Assert.Equal((ErrorCodes.TcpReset, NetworkPhase.Receive, WasSent.Yes), (error.Code, error.Phase, error.WasSent));
    }

    [Fact]
    public async Task Reset_while_the_request_body_is_sent_is_a_reset()
    {
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            peer.Reset();
        });
        using var client = new HTTPClient(RawAnswer.Options);
        var body = RequestBody.Bytes(new byte[32 * 1024 * 1024]);
        var error = await Assert.ThrowsAsync<ConnectionException>(() => client.PostAsync(server.Url.ToString(), body, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal((ErrorCodes.TcpReset, WasSent.Maybe), (error.Code, error.WasSent));
    }

    [Fact]
    public async Task Peer_that_never_answers_runs_into_the_first_byte_timeout()
    {
        await using var server = ScriptedServer.Start((peer, stop) => peer.StallAsync(stop));
        var error = await RawAnswer.FailureAsync(server.Url, RawAnswer.Options with { Timeouts = new Timeouts { FirstByte = Short, Total = RawAnswer.Patience } });
        Assert.Equal((ErrorCodes.TimeoutFirstByte, TimeoutKind.FirstByte, NetworkPhase.FirstByte, WasSent.Maybe),
            (error.Code, Assert.IsType<NetworkTimeoutException>(error).Kind, error.Phase, error.WasSent));
    }

    [Fact]
    public async Task Peer_that_never_reads_the_request_body_runs_into_a_timeout()
    {
        await using var server = ScriptedServer.Start(async (_, stop) => await Task.Delay(Timeout.InfiniteTimeSpan, stop));
        using var client = new HTTPClient(RawAnswer.Options with { Timeouts = new Timeouts { FirstByte = Short, Total = RawAnswer.Patience } });
        var body = RequestBody.Bytes(new byte[64 * 1024 * 1024]);
        var error = await Assert.ThrowsAsync<NetworkTimeoutException>(() => client.PostAsync(server.Url.ToString(), body, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(WasSent.Maybe, error.WasSent);
    }

    [Fact]
    public async Task Body_that_stalls_runs_into_the_idle_timeout()
    {
        await using var server = RawAnswer.ThenStall("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        var error = await RawAnswer.FailureAsync(server.Url, RawAnswer.Options with { Timeouts = new Timeouts { Idle = Short, Total = RawAnswer.Patience } });
        Assert.Equal((ErrorCodes.TimeoutIdle, NetworkPhase.Receive, WasSent.Yes), (error.Code, error.Phase, error.WasSent));
    }

    [Fact]
    [Trait("Cve", "30")]
    public async Task Streamed_body_that_stalls_runs_into_the_idle_timeout()
    {
        await using var server = RawAnswer.ThenStall("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        using var client = new HTTPClient(RawAnswer.Options with { Timeouts = new Timeouts { Idle = Short, Total = RawAnswer.Patience } });
        using var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<NetworkTimeoutException>(() => response.OpenStream().CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));
        Assert.Equal(TimeoutKind.Idle, error.Kind);
    }

    [Fact]
    public async Task Coded_body_that_stalls_runs_into_the_idle_timeout()
    {
        var coded = HostileEncodingTests.Encode(new byte[100], "gzip");
        await using var server = RawAnswer.ThenStall([.. RawAnswer.Latin1("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"), .. coded[..12]]);
        var error = await RawAnswer.FailureAsync(server.Url, RawAnswer.Options with { Timeouts = new Timeouts { Idle = Short, Total = RawAnswer.Patience } });
        Assert.Equal(ErrorCodes.TimeoutIdle, error.Code);
    }

    [Fact]
    public async Task Body_that_drips_passes_the_idle_timeout_and_runs_into_the_total()
    {
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n", stop);
            await peer.DripAsync(new byte[10_000], TimeSpan.FromMilliseconds(20), stop);
        });
        var error = await RawAnswer.FailureAsync(server.Url, RawAnswer.Options with { Timeouts = new Timeouts { Idle = TimeSpan.FromSeconds(10), Total = TimeSpan.FromMilliseconds(500) } });
        Assert.Equal((ErrorCodes.TimeoutTotal, NetworkPhase.Receive, WasSent.Yes), (error.Code, error.Phase, error.WasSent));
    }

    [Fact]
    [Trait("Cve", "30")]
    public async Task Tls_peer_that_says_nothing_runs_into_the_tls_timeout()
    {
        await using var server = ScriptedServer.Start((peer, stop) => peer.StallAsync(stop));
        var error = await RawAnswer.FailureAsync(new Uri($"https://127.0.0.1:{server.Port}/"), RawAnswer.Options with { Timeouts = new Timeouts { Tls = Short, Total = RawAnswer.Patience } });
        Assert.Equal((ErrorCodes.TimeoutTls, NetworkPhase.Tls, WasSent.Never), (error.Code, error.Phase, error.WasSent));
    }

    [Fact]
    public async Task Tls_peer_that_speaks_something_else_is_no_tls()
    {
        await using var server = ScriptedServer.Start((peer, stop) => peer.SendAsync("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", stop));
        var error = await RawAnswer.FailureAsync(new Uri($"https://127.0.0.1:{server.Port}/"));
        Assert.IsType<SSLException>(error);
        Assert.Equal((ErrorCodes.TlsProtocol, NetworkPhase.Tls, WasSent.Never), (error.Code, error.Phase, error.WasSent));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tls_peer_that_breaks_off_the_handshake_is_closed_early(bool reset)
    {
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadBytesAsync(5, stop);
            if (reset)
                peer.Reset();
        });
        var error = await RawAnswer.FailureAsync(new Uri($"https://127.0.0.1:{server.Port}/"));
        Assert.Contains(error.Code, reset ? new[] { ErrorCodes.TcpReset } : [ErrorCodes.TlsClosedEarly]);
        Assert.Equal(WasSent.Never, error.WasSent);
    }

    [Fact]
    public async Task Client_disposed_under_a_request_lets_it_run_into_its_own_deadline()
    {
        await using var server = ScriptedServer.Start((peer, stop) => peer.StallAsync(stop));
        var client = new HTTPClient(RawAnswer.Options with { Timeouts = Timeouts.Default with { Total = TimeSpan.FromMilliseconds(500) } });
        var call = client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        await server.WaitForConnectionsAsync(1, TestContext.Current.CancellationToken);
        client.Dispose();
        var error = await Assert.ThrowsAsync<NetworkTimeoutException>(() => call);
        Assert.Equal(ErrorCodes.TimeoutTotal, error.Code);
    }
}

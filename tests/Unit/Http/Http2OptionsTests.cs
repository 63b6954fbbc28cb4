using System.Buffers.Binary;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Each HTTP/2 knob reaches the wire, as a peer sees it.</summary>
public class Http2OptionsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static HTTPClientOptions With(Http2Options http2) => RawAnswer.Options with
    {
        Version = HttpVersionChoice.Http2,
        Transport = new TransportOptions { Pool = new PoolOptions { Http2 = http2 } },
    };

    [Theory]
    [InlineData(65_535)]
    [InlineData(1_000_000)]
    public async Task Initial_window_is_announced(int window)
    {
        var announced = new TaskCompletionSource<int>();
        await using var server = ScriptedServer.Start(async (connection, stop) =>
        {
            await connection.ReadBytesAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".Length, stop);
            var head = await connection.ReadBytesAsync(9, stop);
            var settings = await connection.ReadBytesAsync(head[1] << 8 | head[2], stop);
            // SETTINGS_INITIAL_WINDOW_SIZE is the fourth (RFC 9113, section 6.5.2); unsaid it is 65,535.
            var said = settings.Chunk(6).FirstOrDefault(setting => setting[1] == 4);
            announced.SetResult(said is null ? 65_535 : BinaryPrimitives.ReadInt32BigEndian(said.AsSpan(2)));
        });
        await RawAnswer.FailureAsync(server.Url, With(new Http2Options { InitialStreamWindow = window }));
        Assert.Equal(window, await announced.Task);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Requests_beyond_what_one_connection_may_carry_wait_or_get_another(bool multiple)
    {
        var release = new TaskCompletionSource();
        var (connections, requests) = (0, 0);
        await using var server = ScriptedServer.Start(async (connection, stop) =>
        {
            Interlocked.Increment(ref connections);
            var peer = new Http2Peer(connection, stop);
            await connection.ReadBytesAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".Length, stop);
            // SETTINGS_MAX_CONCURRENT_STREAMS: one.
            await peer.SendAsync(Http2Peer.Settings, 0, 0, [0, 3, 0, 0, 0, 1]);
            while (true)
            {
                var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
                // The first call, alone, learns the limit. Of the two that follow, one waits for the other's place or opens a connection.
                var number = Interlocked.Increment(ref requests);
                if (number == 3 || !multiple)
                    release.TrySetResult();
                if (number > 1)
                    await release.Task;
                await peer.SendAsync(Http2Peer.Headers, 5, stream, Http2Peer.Status200);
            }
        });
        using var client = new HTTPClient(With(new Http2Options { MultipleConnections = multiple }));
        (await client.GetAsync(server.Url.ToString(), cancellationToken: Stop)).Dispose();
        var calls = Enumerable.Range(0, 2).Select(_ => client.GetAsync(server.Url.ToString(), cancellationToken: Stop)).ToArray();
        foreach (var response in await Task.WhenAll(calls))
            response.Dispose();
        Assert.Equal((multiple ? 2 : 1, multiple ? 2L : 1L), (connections, client.GetPoolStatistics().ConnectionsOpened));
    }

    [Fact]
    public async Task Silent_connection_is_asked_whether_it_lives_and_fails_without_an_answer()
    {
        await using var server = Http2Peer.Start(async peer =>
        {
            await peer.ReadUntilAsync(Http2Peer.Headers);
            await peer.ReadUntilAsync(Http2Peer.Ping);
        });
        var error = await RawAnswer.FailureAsync(server.Url, With(new Http2Options { PingDelay = TimeSpan.FromSeconds(1), PingTimeout = TimeSpan.FromSeconds(1) }));
        Assert.Equal((ErrorCodes.TcpReset, WasSent.Maybe), (error.Code, error.WasSent));
    }

    [Fact]
    public async Task Idle_connection_is_asked_only_where_that_is_wanted()
    {
        var pinged = new TaskCompletionSource();
        await using var server = Http2Peer.Start(async peer =>
        {
            await peer.SendAsync(Http2Peer.Headers, 5, await peer.ReadUntilAsync(Http2Peer.Headers), Http2Peer.Status200);
            await peer.ReadUntilAsync(Http2Peer.Ping);
            pinged.SetResult();
        });
        using var client = new HTTPClient(With(new Http2Options { PingDelay = TimeSpan.FromSeconds(1), PingWhenIdle = true }));
        (await client.GetAsync(server.Url.ToString(), cancellationToken: Stop)).Dispose();
        await pinged.Task.WaitAsync(RawAnswer.Patience, Stop);
    }

    [Theory]
    [InlineData(65_534, 30, 20, "InitialStreamWindow")]
    [InlineData(16_777_217, 30, 20, "InitialStreamWindow")]
    [InlineData(65_535, 0, 20, "PingDelay")]
    [InlineData(65_535, 30, 0, "PingTimeout")]
    public void Value_out_of_range_is_refused_by_name(int window, int delay, int timeout, string property)
    {
        var options = new Http2Options { InitialStreamWindow = window, PingDelay = TimeSpan.FromSeconds(delay), PingTimeout = TimeSpan.FromSeconds(timeout) };
        Assert.Contains(property, Assert.ThrowsAny<ArgumentException>(() => new HTTPClient(With(options))).Message);
    }
}

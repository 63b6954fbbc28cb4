using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>HTTP/2 peers that break RFC 9113.</summary>
public class HostileHttp2Tests
{
    private const byte EndStream = 1, EndHeaders = 4;

    private static readonly HTTPClientOptions Options = RawAnswer.Options with { Version = HttpVersionChoice.Http2 };

    [Fact]
    public async Task Answer_by_prior_knowledge_is_read()
    {
        await using var server = Http2Peer.Start(async peer =>
        {
            var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
            await peer.SendAsync(Http2Peer.Headers, EndHeaders, stream, Http2Peer.Status200);
            await peer.SendAsync(Http2Peer.Data, EndStream, stream, "ok"u8.ToArray());
        });
        using var client = new HTTPClient(Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((200, "ok", 2), (response.Status, response.Text, response.Version.Major));
    }

    [Fact]
    public async Task Peer_that_speaks_the_old_version_is_malformed()
    {
        await using var server = RawAnswer.ThenClose("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        var error = await RawAnswer.FailureAsync(server.Url, Options);
        Assert.Equal(ErrorCodes.HttpMalformed, error.Code);
    }

    [Theory]
    [InlineData(Http2Peer.Data, 0, 1, "data before its headers")]
    [InlineData(Http2Peer.PushPromise, EndHeaders, 1, "\0\0\0\x02")]
    [InlineData(Http2Peer.Ping, 0, 0, "short")]
    [InlineData(Http2Peer.Settings, 0, 1, "")]
    [InlineData(Http2Peer.Settings, 0, 0, "odd")]
    [InlineData(Http2Peer.WindowUpdate, 0, 0, "\0\0\0\0")]
    [InlineData(Http2Peer.Continuation, EndHeaders, 1, "")]
    public async Task Frame_out_of_place_ends_the_connection(byte type, byte flags, int on, string payload)
    {
        await using var server = Http2Peer.Start(async peer =>
        {
            await peer.ReadUntilAsync(Http2Peer.Headers);
            await peer.SendAsync(type, flags, on, Encoding.Latin1.GetBytes(payload));
        });
        var error = await RawAnswer.FailureAsync(server.Url, Options);
        Assert.True(error.Code is ErrorCodes.HttpMalformed, error.ToString());
        Assert.Equal(WasSent.Maybe, error.WasSent);
    }

    [Fact]
    public async Task Frame_larger_than_announced_ends_the_connection()
    {
        await using var server = Http2Peer.Start(async peer =>
        {
            var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
            await peer.SendAsync(Http2Peer.Headers, EndHeaders, stream, Http2Peer.Status200);
            await peer.SendAsync(Http2Peer.Data, EndStream, stream, new byte[20_000]);
        });
        var error = await RawAnswer.FailureAsync(server.Url, Options);
        Assert.True(error.Code is ErrorCodes.HttpMalformed or ErrorCodes.HttpTruncated, error.ToString());
    }

    [Theory]
    [InlineData("\xff\xff\xff\xff\xff")]
    [InlineData("\xbe")]
    [InlineData("\x80")]
    public async Task Headers_that_do_not_decompress_are_malformed(string block)
    {
        await using var server = Http2Peer.Start(async peer =>
        {
            var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
            await peer.SendAsync(Http2Peer.Headers, EndHeaders | EndStream, stream, Encoding.Latin1.GetBytes(block));
        });
        var error = await RawAnswer.FailureAsync(server.Url, Options);
        Assert.True(error.Code is ErrorCodes.HttpMalformed, error.ToString());
    }

    [Fact]
    public async Task Headers_beyond_the_limit_are_refused()
    {
        await using var server = Http2Peer.Start(async peer =>
        {
            var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
            // A literal field "x: aaaa…", not indexed, 16,000 bytes a frame, in frame after frame.
            byte[] field = [0x00, 0x01, (byte)'x', 0x7f, 0x81, 0x78, .. Enumerable.Repeat((byte)'a', 127 + 0x01 + (0x78 << 7))];
            await peer.SendAsync(Http2Peer.Headers, 0, stream, Http2Peer.Status200);
            await peer.SendEndlesslyAsync(Http2Peer.Continuation, 0, stream, field);
        });
        var error = await RawAnswer.FailureAsync(server.Url, Options);
        Assert.True(error.Code is ErrorCodes.HttpTooLarge or ErrorCodes.HttpMalformed, error.ToString());
    }

    [Fact]
    [Trait("Cve", "27")]
    public async Task Flood_of_empty_continuations_ends_at_the_deadline_at_the_latest()
    {
        await using var server = Http2Peer.Start(async peer =>
        {
            var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
            await peer.SendAsync(Http2Peer.Headers, 0, stream, Http2Peer.Status200);
            await peer.SendEndlesslyAsync(Http2Peer.Continuation, 0, stream, []);
        });
        var error = await RawAnswer.FailureAsync(server.Url, Options with { Timeouts = new Timeouts { FirstByte = TimeSpan.FromMilliseconds(300), Total = RawAnswer.Patience } });
        Assert.True(error.Code is ErrorCodes.TimeoutFirstByte or ErrorCodes.HttpTooLarge or ErrorCodes.HttpMalformed, error.ToString());
    }

    // The platform passes over headers for a stream that nobody opened, which RFC 9113, section 5.1.1 calls a connection error.
    [Fact]
    public async Task Headers_for_a_stream_that_nobody_opened_answer_nothing()
    {
        await using var server = Http2Peer.Start(async peer =>
        {
            await peer.ReadUntilAsync(Http2Peer.Headers);
            await peer.SendAsync(Http2Peer.Headers, EndHeaders | EndStream, 2, Http2Peer.Status200);
        });
        var error = await RawAnswer.FailureAsync(server.Url, Options with { Timeouts = new Timeouts { FirstByte = TimeSpan.FromMilliseconds(300), Total = RawAnswer.Patience } });
        Assert.True(error.Code is ErrorCodes.TimeoutFirstByte or ErrorCodes.HttpMalformed, error.ToString());
    }

    [Theory]
    [Trait("Cve", "27")]
    [InlineData(Http2Peer.Settings, 0, "")]
    [InlineData(Http2Peer.Ping, 0, "12345678")]
    public async Task Flood_of_control_frames_ends_at_the_deadline_at_the_latest(byte type, byte flags, string payload)
    {
        await using var server = Http2Peer.Start(async peer =>
        {
            await peer.ReadUntilAsync(Http2Peer.Headers);
            await peer.SendEndlesslyAsync(type, flags, 0, Encoding.Latin1.GetBytes(payload));
        });
        var error = await RawAnswer.FailureAsync(server.Url, Options with { Timeouts = new Timeouts { FirstByte = TimeSpan.FromMilliseconds(300), Total = RawAnswer.Patience } });
        Assert.True(error.Code is ErrorCodes.TimeoutFirstByte or ErrorCodes.HttpMalformed or ErrorCodes.TcpReset, error.ToString());
    }

    [Fact]
    public async Task Body_whose_stream_is_reset_is_an_answered_request()
    {
        var gate = new TaskCompletionSource();
        await using var server = Http2Peer.Start(async peer =>
        {
            var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
            await peer.SendAsync(Http2Peer.Headers, EndHeaders, stream, Http2Peer.Status200);
            await peer.SendAsync(Http2Peer.Data, 0, stream, "half"u8.ToArray());
            await gate.Task;
            await peer.SendAsync(Http2Peer.ResetStream, 0, stream, [0, 0, 0, 2]);
        });
        using var client = new HTTPClient(Options);
        using var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        gate.SetResult();
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => response.OpenStream().CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));
        Assert.Equal((ErrorCodes.TcpReset, WasSent.Yes, NetworkPhase.Receive), (error.Code, error.WasSent, error.Phase));
    }

    [Fact]
    public async Task Body_whose_connection_ends_is_truncated()
    {
        await using var server = Http2Peer.Start(async peer =>
        {
            var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
            await peer.SendAsync(Http2Peer.Headers, EndHeaders, stream, Http2Peer.Status200);
            await peer.SendAsync(Http2Peer.Data, 0, stream, "half"u8.ToArray());
            await peer.CloseAsync();
        });
        var error = await RawAnswer.FailureAsync(server.Url, Options);
        Assert.True(error.Code is ErrorCodes.HttpTruncated or ErrorCodes.TcpReset or ErrorCodes.TcpClosedEarly, error.ToString());
        Assert.Equal(WasSent.Maybe, error.WasSent == WasSent.Yes ? WasSent.Maybe : error.WasSent);
    }

    [Fact]
    public async Task Body_shorter_than_its_length_is_an_error()
    {
        await using var server = Http2Peer.Start(async peer =>
        {
            var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
            // content-length: 100 (static name 28), then four bytes and the end.
            await peer.SendAsync(Http2Peer.Headers, EndHeaders, stream, [.. Http2Peer.Status200, 0x0f, 0x0d, 0x03, (byte)'1', (byte)'0', (byte)'0']);
            await peer.SendAsync(Http2Peer.Data, EndStream, stream, "half"u8.ToArray());
        });
        var error = await RawAnswer.FailureAsync(server.Url, Options);
        Assert.True(error.Code is ErrorCodes.HttpTruncated or ErrorCodes.HttpMalformed, error.ToString());
    }

    [Fact]
    public async Task Refused_stream_was_never_processed_so_even_a_post_is_sent_again()
    {
        var refused = false;
        await using var server = Http2Peer.Start(async peer =>
        {
            while (true)
            {
                var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
                if (!refused)
                {
                    refused = true;
                    await peer.SendAsync(Http2Peer.ResetStream, 0, stream, [0, 0, 0, 7]);
                    continue;
                }
                await peer.SendAsync(Http2Peer.Headers, EndHeaders, stream, Http2Peer.Status200);
                await peer.SendAsync(Http2Peer.Data, EndStream, stream, "ok"u8.ToArray());
            }
        });
        using var client = new HTTPClient(Options with { Retry = new RetryOptions { BaseDelay = TimeSpan.Zero } });
        using var response = await client.PostAsync(server.Url.ToString(), RequestBody.Text("x"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("ok", response.Text);
    }

    [Fact]
    public async Task Connection_refused_after_an_earlier_one_was_lost_has_sent_nothing()
    {
        var server = Http2Peer.Start(async peer =>
        {
            var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
            await peer.SendAsync(Http2Peer.Headers, EndHeaders | EndStream, stream, Http2Peer.Status200);
        });
        using var client = new HTTPClient(Options);
        (await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        await server.DisposeAsync();
        NetworkException? error = null;
        // The client may learn of the end of its connection only by using it.
        for (var i = 0; error?.Code != ErrorCodes.TcpRefused && i < 100; i++)
            error = await RawAnswer.FailureAsync(client, server.Url);
        Assert.Equal((ErrorCodes.TcpRefused, WasSent.Never, NetworkPhase.Connect), (error!.Code, error.WasSent, error.Phase));
    }

    [Fact]
    public async Task Reset_stream_may_have_been_processed_so_a_post_is_not_sent_again()
    {
        var posts = 0;
        await using var server = Http2Peer.Start(async peer =>
        {
            while (true)
            {
                var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
                Interlocked.Increment(ref posts);
                await peer.SendAsync(Http2Peer.ResetStream, 0, stream, [0, 0, 0, 2]);
            }
        });
        using var client = new HTTPClient(Options with { Retry = new RetryOptions { BaseDelay = TimeSpan.Zero } });
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() =>
            client.PostAsync(server.Url.ToString(), RequestBody.Text("x"), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal((ErrorCodes.TcpReset, WasSent.Maybe, 1), (error.Code, error.WasSent, posts));
    }

    [Fact]
    public async Task Stalled_answer_runs_into_the_first_byte_timeout_and_a_stalled_body_into_the_idle_timeout()
    {
        var asked = 0;
        await using var server = Http2Peer.Start(async peer =>
        {
            while (true)
            {
                var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
                if (Interlocked.Increment(ref asked) == 1)
                    continue;
                await peer.SendAsync(Http2Peer.Headers, EndHeaders, stream, Http2Peer.Status200);
                await peer.SendAsync(Http2Peer.Data, 0, stream, "half"u8.ToArray());
            }
        });
        using var client = new HTTPClient(Options with { Timeouts = new Timeouts { FirstByte = TimeSpan.FromMilliseconds(200), Idle = TimeSpan.FromMilliseconds(200), Total = RawAnswer.Patience } });
        Assert.Equal(ErrorCodes.TimeoutFirstByte, (await RawAnswer.FailureAsync(client, server.Url)).Code);
        Assert.Equal(ErrorCodes.TimeoutIdle, (await RawAnswer.FailureAsync(client, server.Url, new RequestOptions { Timeouts = new Timeouts { Idle = TimeSpan.FromMilliseconds(200), Total = RawAnswer.Patience } })).Code);
    }
}

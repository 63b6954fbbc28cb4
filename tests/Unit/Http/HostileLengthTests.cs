using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Message framing that two readers could understand differently (RFC 9112, section 6.3).</summary>
public class HostileLengthTests
{
    [Theory]
    [InlineData("Content-Length: -1\r\n")]
    [InlineData("Content-Length: +2\r\n")]
    [InlineData("Content-Length: 0x2\r\n")]
    [InlineData("Content-Length: 2 2\r\n")]
    [InlineData("Content-Length: 2,3\r\n")]
    [InlineData("Content-Length: 2;\r\n")]
    [InlineData("Content-Length: two\r\n")]
    [InlineData("Content-Length: \r\n")]
    [InlineData("Content-Length: 2\r\nContent-Length: 3\r\n")]
    [InlineData("Content-Length: 3\r\nContent-Length: 2\r\n")]
    [InlineData("Content-Length: 18446744073709551618\r\n")]
    [InlineData("Content-Length: 9223372036854775808\r\n")]
    [InlineData("Content-Length: 99999999999999999999999999999999999999\r\n")]
    [InlineData("Content-Length: 2\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 2\r\n")]
    [InlineData("Transfer-Encoding: gzip\r\n")]
    [InlineData("Transfer-Encoding: gzip, chunked\r\n")]
    [InlineData("Transfer-Encoding: chunked, chunked\r\n")]
    [InlineData("Transfer-Encoding: chunked, identity\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")]
    [InlineData("Transfer-Encoding: xchunked\r\n")]
    [InlineData("Transfer-Encoding: chunked;q=1\r\n")]
    [InlineData("Transfer-Encoding: \"chunked\"\r\n")]
    [InlineData("Transfer-Encoding: \r\n")]
    public async Task Ambiguous_framing_is_refused(string fields)
    {
        await using var server = RawAnswer.ThenClose($"HTTP/1.1 200 OK\r\n{fields}\r\n2\r\nok\r\n0\r\n\r\n");
        var error = await RawAnswer.FailureAsync(server.Url);
        Assert.Equal(ErrorCodes.HttpMalformed, error.Code);
        Assert.Equal(1, server.ConnectionCount);
    }

    [Fact]
    public async Task Chunks_in_an_answer_of_version_1_0_are_refused()
    {
        await using var server = RawAnswer.ThenClose("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
        Assert.Equal(ErrorCodes.HttpMalformed, (await RawAnswer.FailureAsync(server.Url)).Code);
    }

    [Theory]
    [InlineData("Content-Length: 2\r\nContent-Length: 2\r\n")]
    [InlineData("Content-Length: 2, 2\r\n")]
    public async Task Length_given_twice_alike_never_makes_more_of_the_body_than_it_says(string fields)
    {
        await using var server = RawAnswer.ThenClose($"HTTP/1.1 200 OK\r\n{fields}\r\nok and more");
        using var client = new HTTPClient(RawAnswer.Options);
        try
        {
            using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal("ok", response.Text);
        }
        catch (NetworkException error)
        {
            Assert.Equal(ErrorCodes.HttpMalformed, error.Code);
        }
    }

    [Fact]
    public async Task Body_shorter_than_its_length_is_truncated()
    {
        await using var server = RawAnswer.ThenClose("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        var error = await RawAnswer.FailureAsync(server.Url);
        Assert.Equal(ErrorCodes.HttpTruncated, error.Code);
        Assert.Equal((WasSent.Yes, NetworkPhase.Receive), (error.WasSent, error.Phase));
    }

    [Fact]
    public async Task Body_longer_than_its_length_is_cut_and_the_rest_never_answers_the_next_request()
    {
        const string Smuggled = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
        await using var server = RawAnswer.InTurn(
            RawAnswer.Latin1("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + Smuggled), RawAnswer.Latin1("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
        using var client = new HTTPClient(RawAnswer.Options);
        for (var i = 0; i < 2; i++)
        {
            using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal("ok", response.Text);
        }
        Assert.Equal(2, server.ConnectionCount);
    }

    [Theory]
    [InlineData("204 No Content")]
    [InlineData("304 Not Modified")]
    public async Task Body_behind_a_status_without_one_never_answers_the_next_request(string status)
    {
        const string Smuggled = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
        await using var server = RawAnswer.InTurn(
            RawAnswer.Latin1($"HTTP/1.1 {status}\r\nContent-Length: {Smuggled.Length}\r\n\r\n" + Smuggled), RawAnswer.Latin1("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
        using var client = new HTTPClient(RawAnswer.Options);
        using var first = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        using var second = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("", first.Text);
        Assert.NotEqual("evil", second.Text);
    }

    [Fact]
    public async Task Huge_length_is_not_allocated_before_its_bytes_arrive()
    {
        await using var server = RawAnswer.ThenClose("HTTP/1.1 200 OK\r\nContent-Length: 2000000000\r\n\r\nlittle");
        using var client = new HTTPClient(RawAnswer.Options with { Limits = new ResponseLimits { BufferedBytes = int.MaxValue / 2 * 2L - 100 } });
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var error = await RawAnswer.FailureAsync(client, server.Url);
        Assert.Equal(ErrorCodes.HttpTruncated, error.Code);
        // Other tests allocate at the same time; two gigabytes they do not.
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 1_000_000_000);
    }

    [Theory]
    [InlineData("Content-Length: 5000\r\n")]
    [InlineData("Connection: close\r\n")]
    public async Task Body_beyond_the_buffer_limit_is_refused(string framing)
    {
        await using var server = RawAnswer.ThenClose($"HTTP/1.1 200 OK\r\n{framing}\r\n{new string('a', 5000)}");
        var error = await RawAnswer.FailureAsync(server.Url, RawAnswer.Options with { Limits = new ResponseLimits { BufferedBytes = 4999 } });
        Assert.Equal(ErrorCodes.HttpTooLarge, error.Code);
        Assert.Contains("4999", error.Message);
    }

    [Theory]
    [InlineData("Content-Length: 5000\r\n")]
    [InlineData("Connection: close\r\n")]
    public async Task Body_of_exactly_the_buffer_limit_is_read(string framing)
    {
        await using var server = RawAnswer.ThenClose($"HTTP/1.1 200 OK\r\n{framing}\r\n{new string('a', 5000)}");
        using var client = new HTTPClient(RawAnswer.Options with { Limits = new ResponseLimits { BufferedBytes = 5000 } });
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(5000, response.Content.Length);
    }

    [Fact]
    public async Task Endless_body_is_cut_off_at_the_buffer_limit()
    {
        await using var server = EndlessPeer.Start("HTTP/1.1 200 OK\r\n\r\n", "abcdefgh");
        var error = await RawAnswer.FailureAsync(server.Url, RawAnswer.Options with { Limits = new ResponseLimits { BufferedBytes = 1_000_000 } });
        Assert.Equal(ErrorCodes.HttpTooLarge, error.Code);
        Assert.InRange(await server.Sent, 0, 64 * 1024 * 1024);
    }

    [Fact]
    public async Task Endless_streamed_body_is_cut_off_at_the_stream_limit()
    {
        await using var server = EndlessPeer.Start("HTTP/1.1 200 OK\r\n\r\n", "abcdefgh");
        using var client = new HTTPClient(RawAnswer.Options with { Limits = new ResponseLimits { StreamedBytes = 1_000_000 } });
        using var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<HTTPException>(() => response.OpenStream().CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));
        Assert.Equal(ErrorCodes.HttpTooLarge, error.Code);
    }
}

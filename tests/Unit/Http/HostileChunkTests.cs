using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Chunked bodies that break RFC 9112, section 7.1.</summary>
public class HostileChunkTests
{
    private const string Head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    [Theory]
    [InlineData("x\r\nok\r\n0\r\n\r\n")]
    [InlineData("-2\r\nok\r\n0\r\n\r\n")]
    [InlineData("+2\r\nok\r\n0\r\n\r\n")]
    [InlineData("0x2\r\nok\r\n0\r\n\r\n")]
    [InlineData("\r\nok\r\n0\r\n\r\n")]
    [InlineData(" 2\r\nok\r\n0\r\n\r\n")]
    [InlineData("2 2\r\nok\r\n0\r\n\r\n")]
    [InlineData("2\0\r\nok\r\n0\r\n\r\n")]
    [InlineData("2\r\nokay\r\n0\r\n\r\n")]
    [InlineData("2\r\nok0\r\n\r\n")]
    [InlineData("FFFFFFFFFFFFFFFFF\r\nok\r\n0\r\n\r\n")]
    [InlineData("10000000000000002\r\nok\r\n0\r\n\r\n")]
    [InlineData("FFFFFFFFFFFFFFFF\r\nok\r\n0\r\n\r\n")]
    [InlineData("8000000000000000\r\nok\r\n0\r\n\r\n")]
    [InlineData("2,ext\r\nok\r\n0\r\n\r\n")]
    [InlineData("2\rok\r\n0\r\n\r\n")]
    public async Task Malformed_chunk_is_refused(string body)
    {
        await using var server = RawAnswer.ThenClose(Head + body);
        var error = await RawAnswer.FailureAsync(server.Url);
        // A chunk that promises more than comes is also a body that ends early.
        Assert.Contains(error.Code, new[] { ErrorCodes.HttpMalformed, ErrorCodes.HttpTruncated });
        Assert.Equal(WasSent.Yes, error.WasSent);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2")]
    [InlineData("2\r\n")]
    [InlineData("2\r\no")]
    [InlineData("2\r\nok")]
    [InlineData("2\r\nok\r\n")]
    [InlineData("2\r\nok\r\n0")]
    [InlineData("2\r\nok\r\n0\r\n")]
    public async Task Body_without_its_last_chunk_is_truncated(string body)
    {
        await using var server = RawAnswer.ThenClose(Head + body);
        Assert.Equal(ErrorCodes.HttpTruncated, (await RawAnswer.FailureAsync(server.Url)).Code);
    }

    [Theory]
    [InlineData("2;name=value\r\nok\r\n0\r\n\r\n")]
    [InlineData("2;name=\"quoted; text\"\r\nok\r\n0;last\r\n\r\n")]
    [InlineData("0000002\r\nok\r\n0\r\n\r\n")]
    [InlineData("2\r\nok\r\n0\r\nTrailer: x\r\n\r\n")]
    public async Task Unusual_but_allowed_chunk_is_read(string body)
    {
        await using var server = RawAnswer.ThenClose(Head + body);
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("ok", response.Text);
    }

    [Theory]
    [InlineData("2;", "a")]
    [InlineData("", "0")]
    public async Task Endless_chunk_line_is_cut_off(string beginning, string pattern)
    {
        await using var server = EndlessPeer.Start(Head + beginning, pattern);
        var error = await RawAnswer.FailureAsync(server.Url);
        Assert.True(error.Code is ErrorCodes.HttpMalformed or ErrorCodes.HttpTooLarge, error.ToString());
        Assert.InRange(await server.Sent, 0, 16 * 1024 * 1024);
    }

    [Fact]
    public async Task Flood_of_chunk_extensions_ends_at_the_buffer_limit()
    {
        await using var server = EndlessPeer.Start(Head, "1;" + new string('e', 1000) + "\r\na\r\n");
        var error = await RawAnswer.FailureAsync(server.Url, RawAnswer.Options with { Limits = new ResponseLimits { BufferedBytes = 1000 } });
        Assert.Contains(error.Code, new[] { ErrorCodes.HttpMalformed, ErrorCodes.HttpTooLarge });
    }

    // The platform takes a bare LF for the end of a line, as RFC 9112, section 2.2 allows: the CR then belongs to the data.
    [Fact]
    public async Task Chunk_with_a_bare_line_feed_behind_it_keeps_its_length()
    {
        await using var server = RawAnswer.ThenClose(Head + "3\r\nok\r\n0\r\n\r\n");
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("ok\r", response.Text);
    }

    [Fact]
    public async Task Smuggled_answer_behind_the_last_chunk_never_answers_the_next_request()
    {
        var first = Head + "2\r\nok\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
        await using var server = RawAnswer.InTurn(RawAnswer.Latin1(first), RawAnswer.Latin1(Head + "2\r\nok\r\n0\r\n\r\n"));
        using var client = new HTTPClient(RawAnswer.Options);
        for (var i = 0; i < 2; i++)
        {
            using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal("ok", response.Text);
        }
    }
}

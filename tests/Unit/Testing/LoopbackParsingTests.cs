using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Testing;

public class LoopbackParsingTests
{
    private static LoopbackServer Start() => LabEndpoints.MapTo(LoopbackServer.Start());

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /get HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /get HTTP/1.1\r\nHost: a b\r\n\r\n", 400)]
    [InlineData("GET /get HTTP/1.1\r\nHost: a/b\r\n\r\n", 400)]
    [InlineData("GET /get HTTP/1.1\nHost: a\n\n", 400)]
    [InlineData("GET /get HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400)]
    [InlineData("GET /get HTTP/1.1\rHost: a\r\r", 400)]
    [InlineData("GET /get HTTP/1.1\r\nHost: a\r\nX: y\rZ: q\r\n\r\n", 400)]
    [InlineData("GET /get HTTP/1.1\r\nHost: a\r\nX: y\r\n folded\r\n\r\n", 400)]
    [InlineData("GET /get HTTP/1.1\r\nHost: a\r\n\tfolded: x\r\n\r\n", 400)]
    [InlineData("GET /get HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", 400)]
    [InlineData("GET /get HTTP/1.1\r\nHost: a\r\n: y\r\n\r\n", 400)]
    [InlineData("GET /get HTTP/1.1\r\nHost: a\r\nNoColon\r\n\r\n", 400)]
    [InlineData("GET /get HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n", 400)]
    [InlineData("GET /get HTTP/1.1\r\nHost: a\r\nX: a\u000bb\r\n\r\n", 400)]
    [InlineData("GE(T /get HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData(" GET /get HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET  /get HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /get  HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /get HTTP/1.1 \r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /get\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /get http/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /get HTTP/1.11\r\nHost: a\r\n\r\n", 400)]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505)]
    [InlineData("GET get HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /get#x HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("GET /g\u00e9t HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("CONNECT /get HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("\r\n\r\nGET /get HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400)]
    [InlineData("POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc", 400)]
    [InlineData("POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc", 400)]
    [InlineData("POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\nabc", 400)]
    [InlineData("POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\nabc", 400)]
    [InlineData("POST /post HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\nabc", 400)]
    [InlineData("POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\nabc", 400)]
    [InlineData("POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 400)]
    [InlineData("POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501)]
    [InlineData("POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 501)]
    [InlineData("POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501)]
    [InlineData("POST /post HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400)]
    [InlineData("POST /post HTTP/1.1\r\nHost: a\r\nExpect: something\r\n\r\n", 417)]
    public async Task A_head_that_could_be_read_in_two_ways_is_refused_and_the_connection_closed(string request, int status)
    {
        await using var server = Start();
        var answer = await RawClient.ExchangeAsync(server.Port, request);
        Assert.StartsWith($"HTTP/1.1 {status} ", answer);
        Assert.Contains("\r\nConnection: close\r\n", answer);
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData("g\r\n")]
    [InlineData("-1\r\n")]
    [InlineData("0x1\r\n")]
    [InlineData("+1\r\n")]
    [InlineData(" 1\r\n")]
    [InlineData("\r\n")]
    [InlineData("1 \r\n")]
    [InlineData("1000000000000000\r\n")]
    [InlineData("1\na\r\n0\r\n\r\n")]
    [InlineData("1\ra\r\n0\r\n\r\n")]
    [InlineData("1;a\nb\r\na\r\n0\r\n\r\n")]
    [InlineData("1;\r\na\r\n0\r\n\r\n")]
    [InlineData("1;=b\r\na\r\n0\r\n\r\n")]
    [InlineData("1;a=\r\na\r\n0\r\n\r\n")]
    [InlineData("1;a=\"b\r\na\r\n0\r\n\r\n")]
    [InlineData("1 a\r\na\r\n0\r\n\r\n")]
    [InlineData("1\r\nab\r\n0\r\n\r\n")]
    [InlineData("1\r\na\n0\r\n\r\n")]
    [InlineData("1\r\na\r\n0\r\n bad: x\r\n\r\n")]
    [InlineData("1\r\na\r\n0\r\nbad\r\n\r\n")]
    [InlineData("1\r\na\r\n0\r\nx: y\n\r\n")]
    public async Task A_malformed_chunk_is_refused_and_the_connection_closed(string body)
    {
        await using var server = Start();
        var answer = await RawClient.ExchangeAsync(server.Port, "POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
        Assert.StartsWith("HTTP/1.1 400 ", answer);
        Assert.Contains("\r\nConnection: close\r\n", answer);
        Assert.Empty(server.Failures);
    }

    [Theory]
    [InlineData("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")]
    [InlineData("003\r\nabc\r\n2;a\r\nde\r\n0\r\n\r\n")]
    [InlineData("5;a=b;c=\"d \\\" ;e\"\r\nabcde\r\n0;z\r\n\r\n")]
    [InlineData("5 ; a = b\r\nabcde\r\n0\r\nX-Trailer: yes\r\n\r\n")]
    public async Task Well_formed_chunks_extensions_and_trailers_are_read(string body)
    {
        await using var server = Start();
        var answer = await RawClient.ExchangeAsync(
            server.Port, "POST /post HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: Chunked\r\n\r\n" + body);
        Assert.StartsWith("HTTP/1.1 200 ", answer);
        Assert.Contains("\"data\":\"abcde\"", answer);
    }

    [Theory]
    [InlineData("\r\nGET /get HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")]
    [InlineData("GET http://a/get?x=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")]
    [InlineData("GET /get HTTP/1.0\r\n\r\n")]
    [InlineData("GET /get HTTP/1.1\r\nHost:\r\nConnection: x, Close\r\n\r\n")]
    [InlineData("GET /get HTTP/1.1\r\nhOST:\t a \t\r\nConnection: close\r\nX:\r\nY: caf\u00e9\r\n\r\n")]
    [InlineData("GET /get HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab")]
    public async Task Unusual_but_valid_requests_are_answered(string request)
    {
        await using var server = Start();
        var answer = await RawClient.ExchangeAsync(server.Port, request);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer);
    }

    [Fact]
    public async Task Limits_have_their_own_statuses()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start(new LoopbackServerOptions
        {
            MaxRequestLineBytes = 100,
            MaxHeadBytes = 400,
            MaxHeaderFields = 3,
        }));
        var path = new string('x', 200);
        Assert.StartsWith("HTTP/1.1 414 ", await RawClient.ExchangeAsync(server.Port, $"GET /{path}"));
        Assert.StartsWith("HTTP/1.1 414 ", await RawClient.ExchangeAsync(server.Port, $"GET /{path} HTTP/1.1\r\n"));
        Assert.StartsWith("HTTP/1.1 431 ", await RawClient.ExchangeAsync(server.Port, $"GET / HTTP/1.1\r\nX: {path}{path}"));
        Assert.StartsWith("HTTP/1.1 431 ", await RawClient.ExchangeAsync(server.Port, "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 1\r\nC: 1\r\n\r\n"));
    }

    [Fact]
    public async Task A_request_that_comes_byte_by_byte_is_read_the_same()
    {
        await using var server = Start();
        using var raw = await RawClient.ConnectAsync(server.Port);
        foreach (var letter in "POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2;x=\"y\"\r\nab\r\n0\r\nT: u\r\n\r\n")
            await raw.SendAsync(letter.ToString());
        Assert.Contains("\"data\":\"ab\"", await raw.ReadToEndAsync());
    }

    [Fact]
    [Trait("Cve", "17")]
    public async Task A_smuggled_second_request_is_never_served()
    {
        await using var server = Start();
        var answer = await RawClient.ExchangeAsync(
            server.Port,
            "POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;\nxx\r\n0\r\n\r\nGET /headers HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400 ", answer);
        Assert.DoesNotContain("200 OK", answer);
        Assert.Single(server.Requests);
    }
}

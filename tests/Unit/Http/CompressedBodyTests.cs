using System.IO.Compression;
using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Request compression: bodies that are sent in a content coding.</summary>
public class CompressedBodyTests
{
    private static readonly string Long = string.Concat(Enumerable.Repeat("compress me, I repeat myself. ", 20_000));

    private static LoopbackServer Decoding(int failures = 0)
    {
        var server = LoopbackServer.Start();
        server.Map("POST", "/", async exchange =>
        {
            if (Interlocked.Decrement(ref failures) >= 0)
            {
                await exchange.RespondAsync(503, "later");
                return;
            }
            var coding = exchange.Headers["Content-Encoding"];
            using var plain = new MemoryStream();
            await using var decoder = Decoder(new MemoryStream(await exchange.ReadBodyAsync()), coding);
            await decoder.CopyToAsync(plain);
            await exchange.RespondAsync(200, Encoding.UTF8.GetString(plain.ToArray()));
        });
        return server;
    }

    private static Stream Decoder(Stream coded, string? coding) => coding switch
    {
        "gzip" => new GZipStream(coded, CompressionMode.Decompress),
        "br" => new BrotliStream(coded, CompressionMode.Decompress),
        "zstd" => new ZstdSharp.DecompressionStream(coded),
        "gzip, br" => new GZipStream(new BrotliStream(coded, CompressionMode.Decompress), CompressionMode.Decompress),
        _ => coded,
    };

    private static RequestBody Streamed(string text) => RequestBody.Stream(_ => new ValueTask<Stream>(new MemoryStream(Encoding.UTF8.GetBytes(text))), contentType: "text/plain");

    [Theory]
    [InlineData(ContentCoding.Gzip, "gzip")]
    [InlineData(ContentCoding.Brotli, "br")]
    [InlineData(ContentCoding.Zstd, "zstd")]
    public async Task Body_is_compressed_and_says_so(ContentCoding coding, string name)
    {
        await using var server = Decoding();
        using var client = new HTTPClient(RawAnswer.Options);
        foreach (var inner in new[] { RequestBody.Text(Long, "text/plain"), Streamed(Long) })
        {
            using var response = await client.PostAsync(server.Url.ToString(), RequestBody.Compressed(inner, coding), cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(Long, response.Text);
        }
        var (held, streamed) = (server.Requests[0], server.Requests[1]);
        Assert.All(server.Requests, request => Assert.Equal((name, "text/plain"), (request.Headers["Content-Encoding"], request.Headers["Content-Type"])));
        Assert.InRange(int.Parse(held.Headers["Content-Length"]!, System.Globalization.CultureInfo.InvariantCulture), 1, Long.Length / 10);
        Assert.Equal((null, "chunked"), (streamed.Headers["Content-Length"], streamed.Headers["Transfer-Encoding"]));
    }

    [Fact]
    public async Task Compressed_body_is_sent_again_where_the_one_within_can_be()
    {
        await using var server = Decoding(failures: 1);
        using var client = new HTTPClient(RawAnswer.Options with { Retry = new RetryOptions { BaseDelay = TimeSpan.Zero, RepeatUnsafeMethods = true } });
        using var response = await client.PostAsync(server.Url.ToString(), RequestBody.Compressed(Streamed("again")), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(("again", 2), (response.Text, response.Attempts.Count));
        Assert.False(RequestBody.Compressed(RequestBody.OneShot(new MemoryStream())).IsReplayable);
    }

    [Fact]
    public async Task Codings_stack_in_the_order_applied()
    {
        await using var server = Decoding();
        using var client = new HTTPClient(RawAnswer.Options);
        var body = RequestBody.Compressed(RequestBody.Compressed(RequestBody.Text("twice")), ContentCoding.Brotli);
        using var response = await client.PostAsync(server.Url.ToString(), body, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("twice", response.Text);
    }

    [Fact]
    public async Task Server_that_does_not_take_the_coding_answers_415_and_nothing_is_sent_again()
    {
        await using var server = LoopbackServer.Start();
        server.Map("POST", "/", exchange => exchange.RespondAsync(415, headers: [new("Accept-Encoding", "gzip")]));
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.PostAsync(server.Url.ToString(), RequestBody.Compressed(RequestBody.Text("x"), ContentCoding.Zstd), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((415, "gzip", 1), (response.Status, response.Headers["Accept-Encoding"], server.Requests.Count));
    }

    [Theory]
    [InlineData(ContentCoding.Gzip)]
    [InlineData(ContentCoding.Brotli)]
    [InlineData(ContentCoding.Zstd)]
    public async Task Source_that_fails_half_way_leaves_no_body_that_looks_whole(ContentCoding coding)
    {
        var sent = new MemoryStream();
        var failing = RequestBody.Stream(_ => new ValueTask<Stream>(new FailingStream()));
        var error = await Assert.ThrowsAsync<NetworkException>(async () => await RequestBody.Compressed(failing, coding).WriteAsync(sent, TestContext.Current.CancellationToken));
        Assert.Equal(ErrorCodes.LocalIo, error.Code);
        Assert.ThrowsAny<Exception>(() => Decoder(new MemoryStream(sent.ToArray()), coding switch { ContentCoding.Gzip => "gzip", ContentCoding.Brotli => "br", _ => "zstd" }).ReadExactly(new byte[1000]));
    }

    [Fact]
    public void Coding_that_does_not_exist_is_an_argument_error() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => RequestBody.Compressed(RequestBody.Text("x"), (ContentCoding)9));

    [Fact]
    public async Task Multipart_body_is_compressed_as_a_whole_and_no_part_of_it()
    {
        var part = new MultipartPart("field", RequestBody.Text("value"));
        Assert.Throws<ArgumentException>(() => RequestBody.Multipart(part with { Body = RequestBody.Compressed(part.Body) }));
        await using var server = Decoding();
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.PostAsync(server.Url.ToString(), RequestBody.Compressed(RequestBody.Multipart(part)), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains("name=\"field\"", response.Text);
        Assert.StartsWith("multipart/form-data; boundary=", server.Requests[0].Headers["Content-Type"]);
    }

    [Fact]
    public void Curl_line_names_the_coding() =>
        Assert.Contains("Content-Encoding: gzip", new Request("POST", "http://h.test/") { Body = RequestBody.Compressed(RequestBody.Text("x")) }.ToCurl());

    private sealed class FailingStream : MemoryStream
    {
        private int _reads;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_reads++ > 0)
                throw new IOException("gone");
            buffer.Span[..100].Fill((byte)'x');
            await Task.Yield();
            return 100;
        }
    }
}

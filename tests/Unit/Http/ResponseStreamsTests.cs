using System.IO.Compression;
using System.Text;
using System.Text.Json.Serialization;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>The body of a response as a sequence: bytes, lines, documents, items of an array.</summary>
public partial class ResponseStreamsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The response to a GET, its body sent byte for byte as given.</summary>
    private static async Task<Response> AnswerAsync(HTTPClient client, LoopbackServer server, byte[] body, string contentType = "text/plain", int piece = int.MaxValue)
    {
        server.Map("GET", "/", async exchange =>
        {
            var stream = await exchange.StartAsync(200, [new("Content-Type", contentType)]);
            foreach (var part in body.Chunk(Math.Min(piece, Math.Max(1, body.Length))))
                await stream.WriteAsync(part);
        });
        return await client.StreamAsync(server.Url.ToString(), cancellationToken: Stop);
    }

    private static async Task<List<T>> AllAsync<T>(byte[] body, Func<Response, IAsyncEnumerable<T>> read, string contentType = "text/plain", ResponseLimits? limits = null, int piece = int.MaxValue)
    {
        await using var server = LoopbackServer.Start();
        using var client = new HTTPClient(RawAnswer.Options with { Limits = limits ?? ResponseLimits.Default });
        using var response = await AnswerAsync(client, server, body, contentType, piece);
        var all = new List<T>();
        await foreach (var item in read(response))
            all.Add(item);
        return all;
    }

    private static Task<List<string>> LinesAsync(byte[] body, string contentType = "text/plain", ResponseLimits? limits = null) =>
        AllAsync(body, response => response.ReadLinesAsync(Stop), contentType, limits);

    [Fact]
    public async Task Response_is_streamed_as_bytes()
    {
        var body = new byte[300_000];
        Random.Shared.NextBytes(body);
        var pieces = await AllAsync(body, response => response.ReadBytesAsync(Stop).Select(piece => piece.ToArray()));
        Assert.True(pieces.Count > 1);
        Assert.Equal(body, pieces.SelectMany(piece => piece));
    }

    [Fact]
    public async Task Response_is_streamed_as_lines() =>
        Assert.Equal(["a", "", "b", "ü", "c"], await LinesAsync("\uFEFFa\n\r\nb\rü\nc"u8.ToArray()));

    [Fact]
    public async Task Lines_are_there_as_soon_as_they_have_arrived()
    {
        await using var server = LoopbackServer.Start();
        var seen = new TaskCompletionSource();
        server.Map("GET", "/", async exchange =>
        {
            var stream = await exchange.StartAsync(200);
            await stream.WriteAsync("first\nse"u8.ToArray());
            await seen.Task.WaitAsync(RawAnswer.Patience);
            await stream.WriteAsync("cond\n"u8.ToArray());
        });
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: Stop);
        var lines = new List<string>();
        await foreach (var line in response.ReadLinesAsync(Stop))
        {
            lines.Add(line);
            seen.TrySetResult();
        }
        Assert.Equal(["first", "second"], lines);
    }

    [Theory]
    [InlineData("utf-16", "text/plain; charset=utf-16")]
    [InlineData("utf-16", "text/plain")]
    [InlineData("utf-16BE", "text/plain; charset=utf-8")]
    [InlineData("iso-8859-1", "text/plain; charset=iso-8859-1")]
    public async Task Lines_are_in_the_charset_of_the_field_or_of_a_mark(string encoding, string contentType)
    {
        var text = Encoding.GetEncoding(encoding);
        byte[] body = [.. text.GetPreamble(), .. text.GetBytes("eins\r\nzw\u00f6lf\n\u00fc")];
        Assert.Equal(["eins", "zwölf", "ü"], await LinesAsync(body, contentType));
    }

    [Fact]
    public async Task Lines_of_a_buffered_and_of_a_compressed_response_are_the_same()
    {
        using var coded = new MemoryStream();
        await using (var gzip = new GZipStream(coded, CompressionMode.Compress, leaveOpen: true))
            await gzip.WriteAsync("a\nb\nc"u8.ToArray(), Stop);
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", exchange => exchange.RespondAsync(200, coded.ToArray(), "text/plain", [new("Content-Encoding", "gzip")]));
        using var client = new HTTPClient(RawAnswer.Options);
        using var streamed = await client.StreamAsync(server.Url.ToString(), cancellationToken: Stop);
        using var buffered = await client.GetAsync(server.Url.ToString(), cancellationToken: Stop);
        Assert.Equal(["a", "b", "c"], await streamed.ReadLinesAsync(Stop).ToListAsync(Stop));
        Assert.Equal(["a", "b", "c"], await buffered.ReadLinesAsync(Stop).ToListAsync(Stop));
    }

    [Fact]
    public async Task Endless_line_is_capped_while_it_arrives()
    {
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", stop);
            await peer.SendEndlesslyAsync(new string('x', 1000), stop);
        });
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: Stop);
        var error = await Assert.ThrowsAsync<HTTPException>(async () => await response.ReadLinesAsync(Stop).CountAsync(Stop));
        Assert.Equal((ErrorCodes.HttpTooLarge, NetworkPhase.Receive, WasSent.Yes), (error.Code, error.Phase, error.WasSent));
        Assert.Contains("4194304 bytes (ResponseLimits.LineBytes)", error.Message);
        Assert.Equal(server.Port, error.Endpoint!.Port);
    }

    [Fact]
    public void Limits_of_lines_and_events_are_on_by_default_and_checked()
    {
        Assert.Equal((4 << 20, 16 << 20), (ResponseLimits.Default.LineBytes, ResponseLimits.Default.EventBytes));
        foreach (var wrong in new[] { ResponseLimits.Default with { LineBytes = 0 }, ResponseLimits.Default with { EventBytes = -1 } })
            Assert.Throws<ArgumentOutOfRangeException>(() => new HTTPClient(new HTTPClientOptions { Limits = wrong }));
    }

    [Theory]
    [InlineData("{\"id\":1}\n{\"id\":2}\n")]
    [InlineData("\uFEFF{\"id\":1}\r\n\r\n \n{\"id\":2}")]
    public async Task Ndjson_is_an_async_sequence(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        Assert.Equal([new Row(1), new Row(2)], await AllAsync(bytes, response => response.ReadNdjsonAsync(RowsJson.Default.Row, cancellationToken: Stop), piece: 3));
        Assert.Equal([new Row(1), new Row(2)], await AllAsync(bytes, response => response.ReadNdjsonAsync<Row>(cancellationToken: Stop)));
    }

    [Theory]
    [InlineData("[]", 0)]
    [InlineData(" [ {\"id\":1} , {\"id\":2}\n]\n", 2)]
    public async Task Json_array_is_an_async_sequence(string body, int count)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var rows = Enumerable.Range(1, count).Select(id => new Row(id));
        Assert.Equal(rows, await AllAsync(bytes, response => response.ReadJsonArrayAsync(RowsJson.Default.Row, Stop), piece: 3));
        Assert.Equal(rows, await AllAsync(bytes, response => response.ReadJsonArrayAsync<Row>(Stop)));
    }

    [Fact]
    public async Task Items_of_an_array_are_there_as_soon_as_they_have_arrived()
    {
        await using var server = LoopbackServer.Start();
        var seen = new TaskCompletionSource();
        server.Map("GET", "/", async exchange =>
        {
            var stream = await exchange.StartAsync(200);
            await stream.WriteAsync("[{\"id\":1},{\"i"u8.ToArray());
            await seen.Task.WaitAsync(RawAnswer.Patience);
            await stream.WriteAsync("d\":2}]"u8.ToArray());
        });
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: Stop);
        var rows = new List<Row?>();
        await foreach (var row in response.ReadJsonArrayAsync(RowsJson.Default.Row, Stop))
        {
            rows.Add(row);
            seen.TrySetResult();
        }
        Assert.Equal([new Row(1), new Row(2)], rows);
    }

    [Theory]
    [InlineData("{\"id\":1}\n{\"id\":\n{\"id\":3}\n", "The document 2 from")]
    [InlineData("{\"id\":1}\n{\"id\":2} {\"id\":3}\n", "The document 2 from")]
    [InlineData("{\"id\":1}\nhello", "The document 2 from")]
    [InlineData("[{\"id\":1},{\"id\":\"x\"}]", "The item 2 from")]
    [InlineData("[{\"id\":1},]", "The item 2 from")]
    [InlineData("[{\"id\":1}}]", "The item 1 from")]
    [InlineData("{\"id\":1}", "something else than a JSON array")]
    [InlineData("[{\"id\":1}] more", "behind the end of its JSON array")]
    public async Task Malformed_item_is_named_by_its_number(string body, string message)
    {
        var seen = new List<Row?>();
        var error = await Assert.ThrowsAsync<HTTPException>(() => AllAsync(Encoding.UTF8.GetBytes(body), response =>
        {
            var isArray = body.StartsWith('[') || message.Contains("array", StringComparison.Ordinal);
            var rows = isArray ? response.ReadJsonArrayAsync(RowsJson.Default.Row, Stop) : response.ReadNdjsonAsync(RowsJson.Default.Row, cancellationToken: Stop);
            return rows.Select(row =>
            {
                seen.Add(row);
                return row;
            });
        }));
        Assert.Equal((ErrorCodes.HttpDecode, NetworkPhase.Receive), (error.Code, error.Phase));
        Assert.Contains(message, error.Message);
        Assert.All(seen, row => Assert.Equal(1, row!.Id));
    }

    [Theory]
    [InlineData("[{\"id\":1},{\"id\":2}", 1)]
    [InlineData("[{\"id\":1},{\"id\":2},", 2)]
    [InlineData("", 0)]
    public async Task Json_array_that_is_not_closed_was_cut_off(string body, int items)
    {
        var error = await Assert.ThrowsAsync<StreamTruncatedException>(() => AllAsync(Encoding.UTF8.GetBytes(body), response => response.ReadJsonArrayAsync(RowsJson.Default.Row, Stop)));
        Assert.Equal((ErrorCodes.HttpStreamTruncated, items, null, false), (error.Code, error.Items, error.LastEventId, error.CanResume));
        Assert.Null(error.InnerException);
    }

    [Theory]
    [InlineData("{\"id\":1}\n{\"id\":0}\nnever read", null)]
    [InlineData("{\"id\":1}\n{\"id\":0}", null)]
    [InlineData("{\"id\":1}\n", 1)]
    [InlineData("{\"id\":1}\n{\"id\":", 1)]
    [InlineData("", 0)]
    public async Task Ndjson_may_declare_the_document_it_ends_with(string body, int? cutOffAfter)
    {
        var read = AllAsync(Encoding.UTF8.GetBytes(body), response => response.ReadNdjsonAsync(RowsJson.Default.Row, row => row.Id == 0, Stop));
        if (cutOffAfter is null)
            Assert.Equal([new Row(1), new Row(0)], await read);
        else
            Assert.Equal(cutOffAfter.Value, (await Assert.ThrowsAsync<StreamTruncatedException>(() => read)).Items);
    }

    [Fact]
    public async Task Stream_that_breaks_before_its_last_document_keeps_the_cause()
    {
        await using var server = RawAnswer.ThenClose("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":1}\n{\"id\":2}\n");
        using var client = new HTTPClient(RawAnswer.Options);
        using var promised = await client.StreamAsync(server.Url.ToString(), cancellationToken: Stop);
        var error = await Assert.ThrowsAsync<StreamTruncatedException>(async () => await promised.ReadNdjsonAsync(RowsJson.Default.Row, row => row.Id == 0, Stop).CountAsync(Stop));
        Assert.Equal(2, error.Items);
        Assert.Equal(ErrorCodes.HttpTruncated, Assert.IsAssignableFrom<NetworkException>(error.InnerException).Code);
        using var plain = await client.StreamAsync(server.Url.ToString(), cancellationToken: Stop);
        Assert.Equal(ErrorCodes.HttpTruncated, (await Assert.ThrowsAsync<HTTPException>(async () => await plain.ReadNdjsonAsync(RowsJson.Default.Row, cancellationToken: Stop).CountAsync(Stop))).Code);
    }

    [Fact]
    public async Task Leaving_the_loop_and_the_response_closes_the_connection()
    {
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            await peer.SendAsync("HTTP/1.1 200 OK\r\n\r\n", stop);
            await peer.SendEndlesslyAsync("{\"id\":1}\n", stop);
        });
        using var client = new HTTPClient(RawAnswer.Options);
        using (var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: Stop))
            Assert.Equal(new Row(1), await response.ReadNdjsonAsync(RowsJson.Default.Row, cancellationToken: Stop).FirstAsync(Stop));
        Assert.True(SpinWait.SpinUntil(() => server.OpenConnectionCount == 0, RawAnswer.Patience));
    }

    [Fact]
    public async Task Streamed_failure_shows_its_beginning()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", exchange => exchange.RespondAsync(400, "{\"title\":\"no\",\"detail\":\"max_tokens is missing\"}", "application/problem+json"));
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: Stop);
        var error = await Assert.ThrowsAsync<HTTPException>(() => response.EnsureSuccessAsync(Stop));
        Assert.Equal((ErrorCodes.HttpStatus, 400, "max_tokens is missing"), (error.Code, error.Status, error.Problem?.Detail));
        Assert.Contains("max_tokens", error.BodyExcerpt);
    }

    [Fact]
    public async Task Streamed_failure_without_an_end_is_told_all_the_same()
    {
        await using var server = RawAnswer.ThenClose("HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\nhalf");
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: Stop);
        var error = await Assert.ThrowsAsync<HTTPException>(() => response.EnsureSuccessAsync(Stop));
        Assert.Equal((500, "half"), (error.Status, error.BodyExcerpt));
    }

    private sealed record Row(int Id);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Row))]
    private sealed partial class RowsJson : JsonSerializerContext;
}

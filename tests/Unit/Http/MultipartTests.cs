using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>multipart/form-data as it is written, read back by a parser that knows nothing of the writer (RFC 2046, section 5.1; RFC 7578).</summary>
public class MultipartTests
{
    private static readonly byte[] Binary = [.. Enumerable.Range(0, 256).Select(i => (byte)i), .. "\r\n--codomyrmex-\r\n\r\n"u8];

    [Fact]
    public async Task Parts_are_read_back_as_they_were_written_with_the_length_announced()
    {
        byte[]? sent = null;
        await using var server = LoopbackServer.Start();
        server.Map("POST", "/", async exchange =>
        {
            sent = await exchange.ReadBodyAsync();
            await exchange.RespondAsync(200);
        });
        var form = RequestBody.Multipart(
            MultipartPart.Field("plain", "value \u00fc\u20ac"),
            MultipartPart.Field("plain", "second of the same name"),
            new MultipartPart("empty", RequestBody.Bytes(ReadOnlyMemory<byte>.Empty, null)),
            new MultipartPart("file", RequestBody.Bytes(Binary, "image/x-own"), "n\u00e4me \"quoted\".bin"),
            new MultipartPart("streamed", RequestBody.Stream(_ => new(new MemoryStream(Binary)), Binary.Length), "b.bin"));
        using var client = new HTTPClient(RawAnswer.Options);
        (await client.PostAsync(server.Url.ToString(), form, cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        var request = server.Requests[0];
        Assert.Equal(form.Length, sent!.Length);
        Assert.Equal(form.Length.ToString(), request.Headers["Content-Length"]);

        var parts = Parse(sent, request.Headers["Content-Type"]!);
        Assert.Equal(5, parts.Count);
        Assert.Equal("Content-Disposition: form-data; name=\"plain\"", parts[0].Head);
        Assert.Equal("value \u00fc\u20ac", Encoding.UTF8.GetString(parts[0].Body));
        Assert.Equal("second of the same name", Encoding.UTF8.GetString(parts[1].Body));
        Assert.Empty(parts[2].Body);
        Assert.Equal("Content-Disposition: form-data; name=\"file\"; filename=\"n\u00e4me %22quoted%22.bin\"\r\nContent-Type: image/x-own", parts[3].Head);
        Assert.Equal(Binary, parts[3].Body);
        Assert.Equal(Binary, parts[4].Body);
    }

    [Fact]
    public async Task Part_of_unknown_length_makes_the_whole_chunked()
    {
        await using var server = LoopbackServer.Start();
        server.Map("POST", "/", async exchange => await exchange.RespondAsync(200, await exchange.ReadBodyAsync()));
        var form = RequestBody.Multipart(new MultipartPart("s", RequestBody.Stream(_ => new(new MemoryStream(Binary)))));
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.PostAsync(server.Url.ToString(), form, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((null, "chunked"), (form.Length, server.Requests[0].Headers["Transfer-Encoding"]));
        Assert.Equal(Binary, Assert.Single(Parse(response.Content.ToArray(), form.ContentType!)).Body);
    }

    [Fact]
    public void Form_with_a_part_that_can_be_read_once_can_be_sent_once()
    {
        Assert.False(RequestBody.Multipart(new MultipartPart("s", RequestBody.OneShot(new MemoryStream()))).IsReplayable);
        Assert.True(RequestBody.Multipart(MultipartPart.Field("a", "b")).IsReplayable);
    }

    [Fact]
    public void Two_forms_never_share_a_boundary() =>
        Assert.NotEqual(RequestBody.Multipart(MultipartPart.Field("a", "b")).ContentType, RequestBody.Multipart(MultipartPart.Field("a", "b")).ContentType);

    private static List<(string Head, byte[] Body)> Parse(byte[] bytes, string contentType)
    {
        const string Marker = "boundary=";
        Assert.StartsWith("multipart/form-data; ", contentType);
        var boundary = "--" + contentType[(contentType.IndexOf(Marker, StringComparison.Ordinal) + Marker.Length)..];
        var text = Encoding.Latin1.GetString(bytes);
        Assert.StartsWith(boundary + "\r\n", text);
        Assert.EndsWith("\r\n" + boundary + "--\r\n", text);
        var parts = new List<(string, byte[])>();
        foreach (var part in ("\r\n" + text).Split("\r\n" + boundary)[1..^1])
        {
            var head = part.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            parts.Add((Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(part[2..head])), Encoding.Latin1.GetBytes(part[(head + 4)..])));
        }
        return parts;
    }
}

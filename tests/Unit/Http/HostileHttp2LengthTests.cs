using System.Text;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>HTTP/2 peers whose <c>content-length</c> is not the length of the body (RFC 9113, section 8.1.1).</summary>
public class HostileHttp2LengthTests
{
    private static readonly HTTPClientOptions Options = RawAnswer.Options with { Version = HttpVersionChoice.Http2 };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Fields of these lengths (static name 28 of RFC 7541), and a body in one frame for each part.</summary>
    private static async Task AnswerAsync(Http2Peer peer, string[] lengths, string[] parts)
    {
        while (true)
        {
            var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
            var fields = lengths.SelectMany(length => (byte[])[0x0f, 0x0d, (byte)length.Length, .. Encoding.ASCII.GetBytes(length)]);
            await peer.SendAsync(Http2Peer.Headers, 4, stream, [.. Http2Peer.Status200, .. fields]);
            for (var i = 0; i < parts.Length; i++)
                await peer.SendAsync(Http2Peer.Data, (byte)(i == parts.Length - 1 ? 1 : 0), stream, Encoding.ASCII.GetBytes(parts[i]));
        }
    }

    [Theory]
    [InlineData("2", "hello")]
    [InlineData("2", "he|llo")]
    [InlineData("2|5", "hello")]
    [InlineData("-1", "hello")]
    [InlineData("0", "hello")]
    [InlineData("4", "hell|o")]
    public async Task Body_of_another_length_is_malformed_buffered_and_streamed(string lengths, string parts)
    {
        await using var server = Http2Peer.Start(peer => AnswerAsync(peer, lengths.Split('|'), parts.Split('|')));
        using var client = new HTTPClient(Options);
        Assert.Equal(ErrorCodes.HttpMalformed, (await RawAnswer.FailureAsync(client, server.Url)).Code);
        var error = await Assert.ThrowsAnyAsync<NetworkException>(async () =>
        {
            using var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: Stop);
            await response.OpenStream().CopyToAsync(Stream.Null, Stop);
        });
        Assert.Equal((ErrorCodes.HttpMalformed, WasSent.Yes), (error.Code, error.WasSent));
    }

    [Fact]
    public async Task Body_longer_than_its_length_is_neither_kept_nor_shared()
    {
        await using var server = Http2Peer.Start(async peer =>
        {
            while (true)
            {
                var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
                // content-length: 2, cache-control: max-age=60 (static name 24).
                await peer.SendAsync(Http2Peer.Headers, 4, stream, [.. Http2Peer.Status200, 0x0f, 0x0d, 1, (byte)'2', 0x0f, 0x09, 10, .. "max-age=60"u8]);
                await peer.SendAsync(Http2Peer.Data, 0, stream, "he"u8.ToArray());
                await peer.SendAsync(Http2Peer.Data, 1, stream, "llo"u8.ToArray());
            }
        });
        using var client = new HTTPClient(Options with { Cache = new HttpCache(), CoalesceRequests = true });
        var (first, second) = (RawAnswer.FailureAsync(client, server.Url), RawAnswer.FailureAsync(client, server.Url));
        Assert.Equal((ErrorCodes.HttpMalformed, ErrorCodes.HttpMalformed), ((await first).Code, (await second).Code));
        Assert.Equal(0, client.Options.Cache!.Bytes);
    }
}

using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Zstandard bodies (RFC 8878) within the window that HTTP allows (RFC 9659).</summary>
public class ZstdTests
{
    private static readonly byte[] Skippable = [0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3];

    /// <summary>A frame of one raw block, by hand: descriptor and what follows it, then the bytes.</summary>
    private static byte[] Frame(byte[] header, string text)
    {
        var size = text.Length << 3 | 1;
        return [0x28, 0xB5, 0x2F, 0xFD, .. header, (byte)size, (byte)(size >> 8), (byte)(size >> 16), .. Encoding.ASCII.GetBytes(text)];
    }

    private static byte Window(int log, int mantissa = 0) => (byte)((log - 10) << 3 | mantissa);

    private static async Task<string> DecodeAsync(byte[] coded)
    {
        await using var server = RawAnswer.ThenClose(RawAnswer.With(coded, "Content-Encoding: zstd\r\n"));
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        return response.Text;
    }

    private static async Task<NetworkException> FailAsync(byte[] coded)
    {
        await using var server = RawAnswer.ThenClose(RawAnswer.With(coded, "Content-Encoding: zstd\r\n"));
        return await RawAnswer.FailureAsync(server.Url);
    }

    [Fact]
    public async Task Zstd_is_asked_for()
    {
        await using var server = Codomyrmex.Networking.Testing.LoopbackServer.Start();
        server.MapStatic("GET", "/", "x"u8.ToArray());
        using var client = new HTTPClient(RawAnswer.Options);
        (await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        Assert.Equal("gzip, deflate, br, zstd", server.Requests[0].Headers["Accept-Encoding"]);
    }

    [Fact]
    public async Task Frames_made_by_hand_are_decoded_one_after_the_other_and_skippable_ones_passed_over()
    {
        Assert.Equal("one", await DecodeAsync(Frame([0x00, Window(10)], "one")));
        Assert.Equal("onetwo", await DecodeAsync([.. Skippable, .. Frame([0x00, Window(10)], "one"), .. Skippable, .. Frame([0x20, 3], "two"), .. Skippable]));
        Assert.Equal("", await DecodeAsync(Skippable));
    }

    [Fact]
    [Trait("Cve", "25")]
    public async Task Window_of_eight_mebibytes_is_the_largest_allowed()
    {
        Assert.Equal("fits", await DecodeAsync(Frame([0x00, Window(23)], "fits")));
        foreach (var window in new[] { Window(23, 1), Window(24), Window(27), Window(41, 7) })
        {
            var error = await FailAsync(Frame([0x00, window], "never"));
            Assert.Equal((ErrorCodes.HttpDecode, WasSent.Yes), (error.Code, error.WasSent));
            Assert.Contains("RFC 9659", error.Message);
        }
    }

    [Fact]
    [Trait("Cve", "25")]
    public async Task Content_size_of_a_single_segment_is_its_window()
    {
        // Descriptor 0xA0: one segment, four bytes of content size.
        var error = await FailAsync(Frame([0xA0, 1, 0, 0x80, 0], "never"));
        Assert.Equal(ErrorCodes.HttpDecode, error.Code);
        Assert.Contains("8388609", error.Message);
    }

    [Fact]
    [Trait("Cve", "25")]
    public async Task Large_window_in_a_later_frame_is_refused_too()
    {
        var error = await FailAsync([.. Frame([0x00, Window(10)], "one"), .. Frame([0x00, Window(30)], "two")]);
        Assert.True(error.Message.Contains("RFC 9659", StringComparison.Ordinal), error.Message + error);
    }

    [Theory]
    [InlineData(0x01, new byte[] { 7 })]
    [InlineData(0x03, new byte[] { 7, 0, 0, 1 })]
    public async Task Frame_made_with_a_dictionary_is_refused(byte descriptor, byte[] dictionary)
    {
        var error = await FailAsync(Frame([descriptor, Window(10), .. dictionary], "never"));
        Assert.Equal(ErrorCodes.HttpDecode, error.Code);
        Assert.Contains("dictionary", error.Message);
    }

    [Theory]
    [InlineData(new byte[] { 0x08, 0 }, "reserved")]
    [InlineData(new byte[] { 0x04, 0 }, "")]
    public async Task Frame_that_breaks_its_format_is_not_decoded(byte[] header, string why)
    {
        // The second promises a checksum of four bytes, which are wrong.
        var error = await FailAsync([.. Frame(header, "text"), 1, 2, 3, 4]);
        Assert.Equal(ErrorCodes.HttpDecode, error.Code);
        Assert.Contains(why, error.Message);
    }

    [Fact]
    public async Task Bytes_behind_the_last_frame_are_an_error() =>
        Assert.Equal(ErrorCodes.HttpDecode, (await FailAsync([.. Frame([0x00, Window(10)], "text"), .. "garbage"u8])).Code);

    [Fact]
    public async Task Fewer_bytes_than_a_header_behind_the_last_frame_are_an_error() =>
        Assert.Equal(ErrorCodes.HttpTruncated, (await FailAsync([.. Frame([0x00, Window(10)], "text"), 0x28])).Code);

    [Fact]
    public async Task Frame_that_arrives_byte_by_byte_is_decoded()
    {
        var body = Frame([0x20, 5], "bytes");
        await using var server = Codomyrmex.Networking.Testing.ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            await peer.SendAsync($"HTTP/1.1 200 OK\r\nContent-Encoding: zstd\r\nContent-Length: {body.Length}\r\n\r\n", stop);
            await peer.DripAsync(body, TimeSpan.FromMilliseconds(1), stop);
        });
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("bytes", response.Text);
    }

    [Fact]
    public void Header_says_how_many_bytes_of_it_are_missing()
    {
        Assert.Equal((4, 2, 1), (ZstdFrame.Missing([]), ZstdFrame.Missing([0x28, 0xB5]), ZstdFrame.Missing([0x28, 0xB5, 0x2F, 0xFD])));
        Assert.Equal(13, ZstdFrame.Missing([0x28, 0xB5, 0x2F, 0xFD, 0xC3]));
        Assert.Equal(4, ZstdFrame.Missing(Skippable.AsSpan(0, 4)));
        Assert.Throws<FormatException>(() => ZstdFrame.Missing([1, 2, 3, 4]));
    }
}

using System.IO.Compression;
using System.Text;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Content codings that are cut, corrupt, stacked or that grow without end (RFC 9110, section 8.4).</summary>
public class HostileEncodingTests
{
    private static readonly byte[] Plain = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 2000).Select(i => $"line {i * 7919 % 1000} of the text\n")));

    public static TheoryData<string, double> Cuts()
    {
        var data = new TheoryData<string, double>();
        foreach (var coding in new[] { "gzip", "deflate", "raw-deflate", "br", "zstd" })
        {
            foreach (var cut in new[] { 0.1, 0.5, 0.9, 0.99 })
                data.Add(coding, cut);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task Coded_body_that_ends_early_is_truncated(string coding, double cut)
    {
        var coded = Encode(Plain, coding);
        await using var server = RawAnswer.ThenClose(RawAnswer.With(coded[..(int)(coded.Length * cut)], $"Content-Encoding: {Named(coding)}\r\n"));
        Assert.Equal(ErrorCodes.HttpTruncated, (await RawAnswer.FailureAsync(server.Url)).Code);
    }

    [Fact]
    public async Task Gzip_body_cut_anywhere_is_truncated()
    {
        var coded = Encode(Encoding.ASCII.GetBytes("short"), "gzip");
        await using var server = RawAnswer.InTurn([.. Enumerable.Range(1, coded.Length - 1).Select(length => RawAnswer.With(coded[..length], "Content-Encoding: gzip\r\n"))]);
        using var client = new HTTPClient(RawAnswer.Options);
        for (var length = 1; length < coded.Length; length++)
        {
            var error = await RawAnswer.FailureAsync(client, server.Url);
            Assert.True(error.Code == ErrorCodes.HttpTruncated, $"{length} of {coded.Length} bytes: {error.Code}");
        }
    }

    [Theory]
    [InlineData("deflate")]
    [InlineData("raw-deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task Other_coded_body_cut_anywhere_is_an_error(string coding)
    {
        var coded = Encode(Encoding.ASCII.GetBytes("short"), coding);
        // The checksum behind deflate's data is four bytes of which the platform's decoder demands none.
        var last = coded.Length - (coding == "deflate" ? 4 : 0);
        await using var server = RawAnswer.InTurn([.. Enumerable.Range(1, last - 1).Select(length => RawAnswer.With(coded[..length], $"Content-Encoding: {Named(coding)}\r\n"))]);
        using var client = new HTTPClient(RawAnswer.Options);
        for (var length = 1; length < last; length++)
        {
            var error = await RawAnswer.FailureAsync(client, server.Url);
            Assert.True(error.Code is ErrorCodes.HttpTruncated or ErrorCodes.HttpDecode, $"{length} of {coded.Length} bytes: {error.Code}");
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task Corrupt_body_is_not_decoded(string coding)
    {
        var coded = Encode(Plain, coding);
        for (var i = coded.Length / 2; i < coded.Length / 2 + 40; i++)
            coded[i] ^= 0x5a;
        await using var server = RawAnswer.ThenClose(RawAnswer.With(coded, $"Content-Encoding: {coding}\r\n"));
        var error = await RawAnswer.FailureAsync(server.Url);
        Assert.Contains(error.Code, new[] { ErrorCodes.HttpDecode, ErrorCodes.HttpTruncated });
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task Body_that_is_not_coded_at_all_is_not_decoded(string coding)
    {
        await using var server = RawAnswer.ThenClose(RawAnswer.With(Encoding.ASCII.GetBytes("<html>this was never compressed, whatever the field says</html>"), $"Content-Encoding: {coding}\r\n"));
        var error = await RawAnswer.FailureAsync(server.Url);
        Assert.Contains(error.Code, new[] { ErrorCodes.HttpDecode, ErrorCodes.HttpTruncated });
    }

    [Fact]
    public async Task Gzip_with_a_wrong_checksum_is_not_decoded()
    {
        var coded = Encode(Plain, "gzip");
        coded[^8] ^= 0xff;
        await using var server = RawAnswer.ThenClose(RawAnswer.With(coded, "Content-Encoding: gzip\r\n"));
        Assert.Equal(ErrorCodes.HttpDecode, (await RawAnswer.FailureAsync(server.Url)).Code);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("x-gzip")]
    [InlineData("GZip")]
    [InlineData("deflate")]
    [InlineData("raw-deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task Coded_body_is_decoded(string coding)
    {
        await using var server = RawAnswer.ThenClose(RawAnswer.With(Encode(Plain, coding.ToLowerInvariant()), $"Content-Encoding: {Named(coding)}\r\n"));
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(Plain, response.Content.ToArray());
    }

    [Fact]
    public async Task Gzip_of_several_members_is_decoded_to_all_of_them()
    {
        byte[] coded = [.. Encode(Encoding.ASCII.GetBytes("one "), "gzip"), .. Encode(Encoding.ASCII.GetBytes("two"), "gzip")];
        await using var server = RawAnswer.ThenClose(RawAnswer.With(coded, "Content-Encoding: gzip\r\n"));
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("one two", response.Text);
    }

    [Fact]
    public async Task Garbage_behind_a_gzip_body_never_becomes_part_of_it()
    {
        byte[] coded = [.. Encode(Encoding.ASCII.GetBytes("text"), "gzip"), .. "garbage"u8];
        await using var server = RawAnswer.ThenClose(RawAnswer.With(coded, "Content-Encoding: gzip\r\n"));
        var error = await RawAnswer.FailureAsync(server.Url);
        Assert.Contains(error.Code, new[] { ErrorCodes.HttpDecode, ErrorCodes.HttpTruncated });
    }

    [Theory]
    [Trait("Cve", "23")]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("br")]
    [InlineData("zstd")]
    public async Task Bomb_stops_at_the_ratio_before_the_buffer_limit(string coding)
    {
        var bomb = Encode(new byte[16 * 1024 * 1024], coding, CompressionLevel.Optimal);
        await using var server = RawAnswer.ThenClose(RawAnswer.With(bomb, $"Content-Encoding: {coding}\r\n"));
        var error = await RawAnswer.FailureAsync(server.Url);
        Assert.Equal(ErrorCodes.HttpTooLarge, error.Code);
        Assert.Contains("DecompressionRatio", error.Message);
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("br", "gzip")]
    [InlineData("gzip", "br")]
    [InlineData("zstd", "gzip")]
    [InlineData("br", "zstd")]
    public async Task Stacked_bomb_stops_at_the_ratio(string inner, string outer)
    {
        var bomb = Encode(Encode(new byte[64 * 1024 * 1024], inner), outer);
        await using var server = RawAnswer.ThenClose(RawAnswer.With(bomb, $"Content-Encoding: {inner}, {outer}\r\n"));
        var error = await RawAnswer.FailureAsync(server.Url, RawAnswer.Options with { Limits = new ResponseLimits { BufferedBytes = 1_000_000_000 } });
        Assert.Equal(ErrorCodes.HttpTooLarge, error.Code);
        Assert.Contains("DecompressionRatio", error.Message);
    }

    [Fact]
    public async Task Bomb_in_a_streamed_body_stops_at_the_ratio()
    {
        var bomb = Encode(new byte[16 * 1024 * 1024], "gzip", CompressionLevel.Optimal);
        await using var server = RawAnswer.ThenClose(RawAnswer.With(bomb, "Content-Encoding: gzip\r\n"));
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<HTTPException>(() => response.OpenStream().CopyToAsync(Stream.Null, TestContext.Current.CancellationToken));
        Assert.Equal(ErrorCodes.HttpTooLarge, error.Code);
    }

    [Theory]
    [Trait("Cve", "24")]
    [InlineData("Content-Encoding: gzip, gzip, gzip, gzip, gzip, gzip\r\n")]
    [InlineData("Content-Encoding: gzip\r\nContent-Encoding: gzip\r\nContent-Encoding: gzip\r\nContent-Encoding: gzip\r\nContent-Encoding: gzip\r\nContent-Encoding: gzip\r\n")]
    [InlineData("Content-Encoding: br, gzip, deflate\r\n")]
    public async Task Too_many_stacked_codings_are_refused(string fields)
    {
        await using var server = RawAnswer.ThenClose(RawAnswer.With(Encode(Plain, "gzip"), fields));
        var error = await RawAnswer.FailureAsync(server.Url);
        Assert.Equal(ErrorCodes.HttpTooLarge, error.Code);
        Assert.Contains("ContentEncodings", error.Message);
    }

    [Fact]
    public async Task Two_stacked_codings_are_undone_in_turn()
    {
        await using var server = RawAnswer.ThenClose(RawAnswer.With(Encode(Encode(Plain, "gzip"), "br"), "Content-Encoding: gzip, br\r\n"));
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(Plain, response.Content.ToArray());
    }

    [Fact]
    public async Task Unknown_coding_is_handed_out_as_it_came()
    {
        await using var server = RawAnswer.ThenClose(RawAnswer.With("as it is"u8.ToArray(), "Content-Encoding: rot13\r\n"));
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("as it is", response.Text);
    }

    internal static byte[] Encode(byte[] plain, string coding, CompressionLevel level = CompressionLevel.Fastest)
    {
        var coded = new MemoryStream();
        using (Stream encoder = coding switch
        {
            "br" => new BrotliStream(coded, level, leaveOpen: true),
            "deflate" => new ZLibStream(coded, level, leaveOpen: true),
            "zstd" => new ZstdSharp.CompressionStream(coded, leaveOpen: true),
            "raw-deflate" => new DeflateStream(coded, level, leaveOpen: true),
            _ => new GZipStream(coded, level, leaveOpen: true),
        })
        {
            encoder.Write(plain);
        }
        return coded.ToArray();
    }

    private static string Named(string coding) => coding == "raw-deflate" ? "deflate" : coding;
}

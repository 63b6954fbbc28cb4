using System.Globalization;
using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Http;

/// <summary>What the zstd tool makes is decoded within the limits, and it reads what we make.</summary>
public sealed class ZstdToolTests : IAsyncDisposable
{
    private static readonly byte[] Text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 200_000).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i * 7919L % 100_003} bottles\n"))));

    private readonly LoopbackServer _server = LoopbackServer.Start();
    private byte[] _body = [];
    private byte[]? _received;

    public ZstdToolTests()
    {
        _server.Map("GET", "/", exchange => exchange.RespondAsync(200, _body, headers: [new("Content-Encoding", "zstd")]));
        _server.Map("POST", "/", async exchange =>
        {
            _received = await exchange.ReadBodyAsync();
            await exchange.RespondAsync(200, exchange.Headers["Content-Encoding"] ?? "");
        });
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task<byte[]> DecodeAsync(byte[] coded)
    {
        _body = coded;
        using var client = new HTTPClient(Calls.Options);
        using var response = await client.GetAsync(_server.Url.ToString(), cancellationToken: Stop);
        return response.Content.ToArray();
    }

    private Task<NetworkException> FailAsync(byte[] coded)
    {
        _body = coded;
        return Calls.FailureAsync(_server.Url.ToString(), Calls.Options);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("-3 --no-check")]
    [InlineData("-19")]
    [InlineData("--ultra -22 --zstd=wlog=23")]
    [InlineData("--fast=5")]
    public async Task Body_of_every_level_is_decoded(string arguments) =>
        Assert.Equal(Text, await DecodeAsync(await ZstdTool.CompressAsync(Text, arguments.Split(' '))));

    [Fact]
    public async Task Empty_body_incompressible_one_and_several_frames_are_decoded()
    {
        var noise = new byte[3_000_000];
        new Random(7).NextBytes(noise);
        Assert.Empty(await DecodeAsync(await ZstdTool.CompressAsync([])));
        Assert.Equal(noise, await DecodeAsync(await ZstdTool.CompressAsync(noise)));
        byte[] both = [.. await ZstdTool.CompressAsync(Text), .. await ZstdTool.CompressAsync(noise)];
        byte[] plain = [.. Text, .. noise];
        Assert.Equal(plain, await DecodeAsync(both));
    }

    [Theory]
    [InlineData(24)]
    [InlineData(27)]
    public async Task Window_beyond_eight_mebibytes_is_refused(int log)
    {
        var error = await FailAsync(await ZstdTool.CompressAsync(Text, "-19", $"--long={log}"));
        Assert.Equal(ErrorCodes.HttpDecode, error.Code);
        Assert.Contains((1 << log).ToString(CultureInfo.InvariantCulture), error.Message);
    }

    [Fact]
    public async Task Frame_that_needs_a_dictionary_is_refused()
    {
        using var folder = new ServerFolder();
        for (var i = 0; i < 200; i++)
            folder.Write($"sample{i}", string.Create(CultureInfo.InvariantCulture, $"{{\"user\":{i},\"name\":\"name {i * 31}\",\"street\":\"street {i % 17}\",\"paid\":true}}"));
        await ZstdTool.RunAsync([], ["-q", "--train", .. Directory.GetFiles(folder.Path), "-o", folder["dictionary"], "--maxdict=2000"]);
        var error = await FailAsync(await ZstdTool.CompressAsync("{\"user\":1,\"name\":\"name 31\"}"u8.ToArray(), "-D", folder["dictionary"]));
        Assert.Equal(ErrorCodes.HttpDecode, error.Code);
        Assert.Contains("dictionary", error.Message);
    }

    [Fact]
    public async Task Bomb_stops_at_the_ratio_and_a_cut_or_corrupt_body_is_an_error()
    {
        var bomb = await FailAsync(await ZstdTool.CompressAsync(new byte[64_000_000], "-19"));
        Assert.Equal(ErrorCodes.HttpTooLarge, bomb.Code);
        var coded = await ZstdTool.CompressAsync(Text);
        foreach (var share in new[] { 0.01, 0.5, 0.999 })
            Assert.Equal(ErrorCodes.HttpTruncated, (await FailAsync(coded[..(int)(coded.Length * share)])).Code);
        coded[coded.Length / 2] ^= 0xff;
        Assert.Contains((await FailAsync(coded)).Code, new[] { ErrorCodes.HttpDecode, ErrorCodes.HttpTruncated });
    }

    [Fact]
    public async Task Tool_reads_a_request_body_that_we_compress()
    {
        using var client = new HTTPClient(Calls.Options);
        foreach (var body in new[] { RequestBody.Bytes(Text), RequestBody.Stream(_ => new ValueTask<Stream>(new MemoryStream(Text))) })
        {
            using var response = await client.PostAsync(_server.Url.ToString(), RequestBody.Compressed(body, ContentCoding.Zstd), cancellationToken: Stop);
            Assert.Equal("zstd", response.Text);
            Assert.Equal(Text, await ZstdTool.DecompressAsync(_received!));
        }
    }
}

using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Transfers;

namespace Codomyrmex.Networking.Tests.Unit.Transfers;

/// <summary>From a server to the disk in one run.</summary>
public sealed class DownloadTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    private string Target => Path.Combine(_folder.Path, "data.bin");

    private IEnumerable<string> Left => Directory.EnumerateFileSystemEntries(_folder.Path).Select(path => Path.GetFileName(path)!).Order();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3_000_000)]
    public async Task File_appears_whole_with_its_facts(int size)
    {
        await using var server = new FileServer(size);
        using var client = new HTTPClient(FileServer.Options);
        var result = await client.DownloadAsync(server.Url, Target, cancellationToken: Stop);
        Assert.Equal(server.Content, await File.ReadAllBytesAsync(Target, Stop));
        Assert.Equal((Target, size, server.Sha256, 0, "\"v1\""), (result.Path, result.Bytes, result.Sha256, result.ResumedFrom, result.ETag));
        Assert.True(result.Elapsed > TimeSpan.Zero);
        Assert.Equal(["data.bin"], Left);
    }

    [Fact]
    public async Task Ranges_and_sizes_mean_the_bytes_on_the_disk()
    {
        await using var server = new FileServer(1000) { Fields = { new("Content-Encoding", "gzip") } };
        using var client = new HTTPClient(FileServer.Options);
        await client.DownloadAsync(server.Url, Target, cancellationToken: Stop);
        Assert.Equal("identity", server.Requests[0].Headers["Accept-Encoding"]);
        // A server that codes nevertheless: its bytes are kept as they came.
        Assert.Equal(server.Content, await File.ReadAllBytesAsync(Target, Stop));
    }

    [Fact]
    public async Task File_of_unknown_length_is_whole_when_its_last_chunk_has_come()
    {
        await using var server = new FileServer(500_000) { HasLength = false, CutAt = number => number == 1 ? 200_000 : null };
        using var client = new HTTPClient(FileServer.Options);
        var result = await client.DownloadAsync(server.Url, Target, cancellationToken: Stop);
        Assert.Equal((server.Sha256, 2), (result.Sha256, server.Requests.Count));
    }

    [Fact]
    public async Task Existing_file_is_an_error_before_anything_is_sent()
    {
        await File.WriteAllTextAsync(Target, "old", Stop);
        await using var server = new FileServer(10);
        using var client = new HTTPClient(FileServer.Options);
        var error = await Assert.ThrowsAsync<NetworkException>(() => client.DownloadAsync(server.Url, Target, cancellationToken: Stop));
        Assert.Equal(ErrorCodes.LocalExists, error.Code);
        Assert.Empty(server.Requests);
        Assert.Equal("old", await File.ReadAllTextAsync(Target, Stop));
        await client.DownloadAsync(server.Url, Target, new() { Overwrite = true }, Stop);
        Assert.Equal(server.Content, await File.ReadAllBytesAsync(Target, Stop));
    }

    [Fact]
    public async Task File_that_appears_meanwhile_is_not_replaced()
    {
        await using var server = new FileServer(10) { Before = (_, _) => File.WriteAllTextAsync(Target, "theirs", Stop) };
        using var client = new HTTPClient(FileServer.Options);
        var error = await Assert.ThrowsAsync<NetworkException>(() => client.DownloadAsync(server.Url, Target, cancellationToken: Stop));
        Assert.Equal((ErrorCodes.LocalExists, "theirs"), (error.Code, await File.ReadAllTextAsync(Target, Stop)));
    }

    [Theory]
    [InlineData(404, ErrorCodes.HttpStatus)]
    [InlineData(204, ErrorCodes.HttpStatus)]
    [InlineData(206, ErrorCodes.HttpMalformed)]
    public async Task Answer_that_is_not_the_file_leaves_nothing(int status, string code)
    {
        await using var server = new FileServer(10) { Before = (_, exchange) => exchange.RespondAsync(status, "no") };
        using var client = new HTTPClient(FileServer.Once);
        var error = await Assert.ThrowsAsync<HTTPException>(() => client.DownloadAsync(server.Url, Target, cancellationToken: Stop));
        Assert.Equal(code, error.Code);
        Assert.Empty(Left);
    }

    [Fact]
    public async Task Wrong_hash_is_an_error_and_nothing_is_left()
    {
        await using var server = new FileServer(100_000);
        using var client = new HTTPClient(FileServer.Options);
        var error = await Assert.ThrowsAsync<NetworkException>(() => client.DownloadAsync(server.Url, Target, new() { Sha256 = new string('A', 64) }, Stop));
        Assert.Equal(ErrorCodes.TransferMismatch, error.Code);
        Assert.Contains(server.Sha256, error.Message);
        Assert.Empty(Left);
        var result = await client.DownloadAsync(server.Url, Target, new() { Sha256 = server.Sha256.ToUpperInvariant(), ComputeSha256 = false }, Stop);
        Assert.Equal(server.Sha256, result.Sha256);
    }

    [Theory]
    [InlineData("Repr-Digest", true)]
    [InlineData("Content-Digest", true)]
    [InlineData("Repr-Digest", false)]
    [InlineData("Content-Digest", false)]
    public async Task Digest_of_the_server_is_checked(string field, bool isRight)
    {
        await using var server = new FileServer(1000);
        var digest = Convert.FromHexString(server.Sha256);
        digest[0] ^= (byte)(isRight ? 0 : 1);
        server.Fields.Add(new(field, $"sha-512=:AA==:, sha-256=:{Convert.ToBase64String(digest)}:"));
        using var client = new HTTPClient(FileServer.Options);
        var download = client.DownloadAsync(server.Url, Target, new() { ComputeSha256 = false }, Stop);
        if (isRight)
            Assert.Equal(server.Sha256, (await download).Sha256);
        else
            Assert.Equal(ErrorCodes.TransferMismatch, (await Assert.ThrowsAsync<NetworkException>(() => download)).Code);
        Assert.Equal(isRight ? ["data.bin"] : [], Left);
    }

    [Fact]
    public async Task Hash_can_be_left_out()
    {
        await using var server = new FileServer(1000);
        using var client = new HTTPClient(FileServer.Options);
        Assert.Null((await client.DownloadAsync(server.Url, Target, new() { ComputeSha256 = false }, Stop)).Sha256);
    }

    [Fact]
    public async Task Download_progress_grows_and_ends_with_the_whole()
    {
        await using var server = new FileServer(2_000_000);
        using var client = new HTTPClient(FileServer.Options);
        var progress = new Reports();
        await client.DownloadAsync(server.Url, Target, new() { Progress = progress, ProgressInterval = TimeSpan.Zero }, Stop);
        Assert.True(progress.All.Count > 2);
        Assert.All(progress.All, report => Assert.Equal(2_000_000, report.Total));
        Assert.Equal(progress.All.Select(report => report.Bytes).Order(), progress.All.Select(report => report.Bytes));
        Assert.Equal(2_000_000, progress.All[^1].Bytes);
        var rare = new Reports();
        await client.DownloadAsync(server.Url, Target, new() { Progress = rare, ProgressInterval = TimeSpan.FromHours(1), Overwrite = true }, Stop);
        Assert.Equal([0, 2_000_000], rare.All.Select(report => report.Bytes));
    }

    [Fact]
    public async Task File_larger_than_allowed_is_refused()
    {
        await using var server = new FileServer(1000);
        using var client = new HTTPClient(FileServer.Options with { Limits = ResponseLimits.Default with { StreamedBytes = 999 } });
        var error = await Assert.ThrowsAsync<HTTPException>(() => client.DownloadAsync(server.Url, Target, cancellationToken: Stop));
        Assert.Equal(ErrorCodes.HttpTooLarge, error.Code);
        Assert.Empty(Left);
    }

    [Fact]
    public async Task Total_holds_for_the_whole_transfer()
    {
        await using var server = new FileServer(100_000) { PauseAt = 50_000, Pause = _ => Task.Delay(Timeout.Infinite, Stop) };
        using var client = new HTTPClient(FileServer.Options);
        var error = await Assert.ThrowsAsync<NetworkTimeoutException>(() => client.DownloadAsync(server.Url, Target, new() { Total = TimeSpan.FromMilliseconds(300) }, Stop));
        Assert.Equal(ErrorCodes.TimeoutTotal, error.Code);
    }

    [Fact]
    public async Task Total_of_the_client_is_made_for_answers_and_not_for_files()
    {
        await using var server = new FileServer(100_000);
        using var client = new HTTPClient(FileServer.Options with { Timeouts = Timeouts.Default with { Total = TimeSpan.FromTicks(1) } });
        Assert.Equal(100_000, (await client.DownloadAsync(server.Url, Target, cancellationToken: Stop)).Bytes);
        var request = new Request("GET", server.Url) { Options = new() { Deadline = Deadline.After(TimeSpan.Zero) } };
        await Assert.ThrowsAsync<NetworkTimeoutException>(() => client.DownloadAsync(request, Target, new() { Overwrite = true }, Stop));
    }

    [Fact]
    public async Task Folder_that_is_missing_is_an_error_before_anything_is_sent()
    {
        await using var server = new FileServer(10);
        using var client = new HTTPClient(FileServer.Options);
        foreach (var path in (string[])[Path.Combine(_folder.Path, "no", "file"), Path.Combine(_folder.Path, "no") + "/"])
            Assert.Equal(ErrorCodes.LocalIo, (await Assert.ThrowsAsync<NetworkException>(() => client.DownloadAsync(server.Url, path, cancellationToken: Stop))).Code);
        Assert.Equal(ErrorCodes.LocalIo, (await Assert.ThrowsAsync<NetworkException>(() => client.DownloadAsync(server.Url, "/dev/null", new() { Overwrite = true }, Stop))).Code);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Wrong_argument_is_an_argument_error()
    {
        using var client = new HTTPClient(FileServer.Options);
        foreach (var request in (Request[])[new("POST", "http://a/"), new("GET", "http://a/") { Body = RequestBody.Text("x") }, new("GET", "http://a/") { Options = new() { Headers = new() { ["Range"] = "bytes=1-" } } }])
            await Assert.ThrowsAsync<ArgumentException>(() => client.DownloadAsync(request, Target, cancellationToken: Stop));
        foreach (var options in (DownloadOptions[])[new() { Sha256 = "abc" }, new() { Parallel = 0 }, new() { Parallel = 33 }, new() { Total = TimeSpan.Zero }])
            await Assert.ThrowsAnyAsync<ArgumentException>(() => client.DownloadAsync("http://a/", Target, options, Stop));
    }

    private sealed class Reports : IProgress<TransferProgress>
    {
        public List<TransferProgress> All { get; } = [];

        public void Report(TransferProgress value) => All.Add(value);
    }
}

using System.Security.Cryptography;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Transfers;

/// <summary>From the disk to a server.</summary>
public sealed class UploadTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly byte[] _content = FileServer.Bytes(500_000, seed: 3);

    public UploadTests() => File.WriteAllBytes(Source, _content);

    private string Source => Path.Combine(_folder.Path, "data.bin");

    private string Sha256 => Convert.ToHexStringLower(SHA256.HashData(_content));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("PUT")]
    [InlineData("POST")]
    public async Task File_is_sent_with_its_length_and_type(string method)
    {
        byte[] received = [];
        await using var server = LoopbackServer.Start().Map("*", "/up", async exchange =>
        {
            received = await exchange.ReadBodyAsync();
            await exchange.RespondAsync(201, headers: [new("ETag", "\"new\"")]);
        });
        using var client = new HTTPClient(FileServer.Options);
        var result = await client.UploadAsync(new Request(method, server.Url + "up"), Source, new() { ContentType = "image/x" }, Stop);
        Assert.Equal(_content, received);
        Assert.Equal((_content.Length, Sha256, "\"new\"", Source), (result.Bytes, result.Sha256, result.ETag, result.Path));
        var request = server.Requests.Single();
        Assert.Equal((method, "500000", "image/x", null), (request.Method, request.Headers["Content-Length"], request.Headers["Content-Type"], request.Headers["Repr-Digest"]));
    }

    [Fact]
    public async Task Digest_is_sent_where_asked()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(FileServer.Options);
        await client.UploadAsync(server.Url + "put", Source, new() { SendDigest = true }, Stop);
        Assert.Equal($"sha-256=:{Convert.ToBase64String(SHA256.HashData(_content))}:", server.Requests[0].Headers["Repr-Digest"]);
    }

    [Fact]
    public async Task Upload_progress_grows_and_ends_with_the_whole()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(FileServer.Options);
        var reports = new List<TransferProgress>();
        await client.UploadAsync(server.Url + "put", Source, new() { Progress = new Reports(reports), ProgressInterval = TimeSpan.Zero }, Stop);
        Assert.True(reports.Count > 2);
        Assert.Equal(reports.Select(report => report.Bytes).Order(), reports.Select(report => report.Bytes));
        Assert.Equal(new TransferProgress(_content.Length, _content.Length), reports[^1]);
    }

    [Fact]
    public async Task Upload_is_replayed_where_the_method_allows()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(FileServer.Options);
        Assert.Equal(Sha256, (await client.UploadAsync(server.Url + "flaky/put/2", Source, cancellationToken: Stop)).Sha256);
        Assert.Equal(3, server.Requests.Count);
        var error = await Assert.ThrowsAsync<HTTPException>(() => client.UploadAsync(new Request("POST", server.Url + "flaky/post/2"), Source, cancellationToken: Stop));
        Assert.Equal((503, 4), (error.Status, server.Requests.Count));
    }

    [Fact]
    public async Task Answer_that_is_no_success_is_an_error()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(FileServer.Options);
        var error = await Assert.ThrowsAsync<HTTPException>(() => client.UploadAsync(server.Url + "status/403", Source, cancellationToken: Stop));
        Assert.Equal((ErrorCodes.HttpStatus, 403), (error.Code, error.Status));
    }

    [Fact]
    public async Task File_that_is_missing_is_an_error_before_anything_is_sent()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(FileServer.Options);
        var error = await Assert.ThrowsAsync<NetworkException>(() => client.UploadAsync(server.Url + "put", Source + ".no", cancellationToken: Stop));
        Assert.Equal(ErrorCodes.LocalIo, error.Code);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task File_that_changes_between_attempts_is_an_error()
    {
        await using var server = LoopbackServer.Start().Map("PUT", "/up", async exchange =>
        {
            await exchange.ReadBodyAsync();
            await File.WriteAllTextAsync(Source, "other");
            await exchange.RespondAsync(503);
        });
        using var client = new HTTPClient(FileServer.Options);
        var error = await Assert.ThrowsAsync<NetworkException>(() => client.UploadAsync(server.Url + "up", Source, cancellationToken: Stop));
        Assert.Equal(ErrorCodes.LocalIo, error.Code);
    }

    [Fact]
    public async Task Peer_that_takes_nothing_ends_the_upload_after_the_idle_timeout()
    {
        await File.WriteAllBytesAsync(Source, new byte[32 * 1024 * 1024], Stop);
        await using var server = ScriptedServer.Start((_, stop) => Task.Delay(Timeout.Infinite, stop));
        using var client = new HTTPClient(FileServer.Once with { Timeouts = Timeouts.Default with { Idle = TimeSpan.FromMilliseconds(200) } });
        var error = await Assert.ThrowsAsync<NetworkTimeoutException>(() => client.UploadAsync(server.Url.ToString(), Source, cancellationToken: Stop));
        Assert.Equal(ErrorCodes.TimeoutIdle, error.Code);
    }

    private sealed class Reports(List<TransferProgress> all) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => all.Add(value);
    }
}

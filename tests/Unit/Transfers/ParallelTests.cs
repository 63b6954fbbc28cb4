using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Transfers;

namespace Codomyrmex.Networking.Tests.Unit.Transfers;

/// <summary>One file over several connections.</summary>
public sealed class ParallelTests : IDisposable
{
    private const int Size = 8 * 1024 * 1024;
    private static readonly DownloadOptions Four = new() { Parallel = 4 };

    private readonly TemporaryDirectory _folder = new();

    private string Target => Path.Combine(_folder.Path, "data.bin");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task One_file_comes_over_many_ranges()
    {
        // None gets its bytes before four of them have come: the first one in its body, the others before their answer.
        var together = new Gate(4);
        await using var server = new FileServer(Size)
        {
            Before = (number, _) => number is > 1 and <= 4 ? together.PassAsync(Stop) : Task.CompletedTask,
            PauseAt = 64 * 1024,
            Pause = number => number == 1 ? together.PassAsync(Stop) : Task.CompletedTask,
        };
        using var client = new HTTPClient(FileServer.Options);
        var result = await client.DownloadAsync(server.Url, Target, Four, Stop);
        Assert.Equal((Size, server.Sha256), (result.Bytes, result.Sha256));
        Assert.Equal(server.Content, await File.ReadAllBytesAsync(Target, Stop));
        Assert.True(server.ConnectionCount >= 4);
        Assert.All(server.Requests.Skip(1), request => Assert.Equal("\"v1\"", request.Headers["If-Range"]));
        Assert.All(server.Requests.Skip(1), request => Assert.StartsWith("bytes=", request.Headers["Range"]));
    }

    [Fact]
    public async Task Server_without_ranges_gives_one_stream()
    {
        await using var server = new FileServer(Size) { HasRanges = false };
        using var client = new HTTPClient(FileServer.Options);
        Assert.Equal(server.Sha256, (await client.DownloadAsync(server.Url, Target, Four, Stop)).Sha256);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Content_without_a_validator_gives_one_stream()
    {
        await using var server = new FileServer(Size) { ETag = null };
        using var client = new HTTPClient(FileServer.Options);
        Assert.Equal(server.Sha256, (await client.DownloadAsync(server.Url, Target, Four, Stop)).Sha256);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Server_that_lies_about_ranges_gives_one_stream_in_the_end()
    {
        await using var server = new FileServer(Size) { Lie = _ => $"bytes 0-{Size - 1}/{Size}" };
        using var client = new HTTPClient(FileServer.Options);
        Assert.Equal(server.Sha256, (await client.DownloadAsync(server.Url, Target, Four, Stop)).Sha256);
    }

    [Fact]
    public async Task Segments_of_two_versions_never_meet()
    {
        await using var server = new FileServer(Size);
        server.Before = (number, _) =>
        {
            if (number == 3)
                (server.Content, server.ETag) = (FileServer.Bytes(Size, seed: 2), "\"v2\"");
            return Task.CompletedTask;
        };
        using var client = new HTTPClient(FileServer.Options);
        var result = await client.DownloadAsync(server.Url, Target, Four, Stop);
        Assert.Equal((server.Sha256, "\"v2\""), (result.Sha256, result.ETag));
        Assert.Equal(server.Content, await File.ReadAllBytesAsync(Target, Stop));
    }

    [Fact]
    public async Task Connections_that_break_are_replaced_each_by_itself()
    {
        await using var server = new FileServer(Size) { CutAt = number => number <= 6 ? 500_000 : null };
        using var client = new HTTPClient(FileServer.Options);
        Assert.Equal(server.Sha256, (await client.DownloadAsync(server.Url, Target, Four, Stop)).Sha256);
        Assert.True(server.Requests.Count > 6);
    }

    [Fact]
    public async Task Work_of_a_slow_connection_is_split()
    {
        var third = new TaskCompletionSource();
        await using var server = new FileServer(Size) { PauseAt = 64 * 1024 };
        server.Before = (number, _) =>
        {
            if (number == 3)
                third.SetResult();
            return Task.CompletedTask;
        };
        // The first connection delivers nothing until somebody takes a part of its half.
        server.Pause = number => number == 1 ? third.Task : Task.CompletedTask;
        using var client = new HTTPClient(FileServer.Options);
        Assert.Equal(server.Sha256, (await client.DownloadAsync(server.Url, Target, new() { Parallel = 2 }, Stop)).Sha256);
        Assert.True(server.Requests.Count >= 3);
    }

    [Fact]
    public async Task Interrupted_segments_go_on_in_a_later_run()
    {
        await using var server = new FileServer(Size) { CutAt = _ => 1_000_000 };
        using var client = new HTTPClient(FileServer.Once);
        await Assert.ThrowsAsync<HTTPException>(() => client.DownloadAsync(server.Url, Target, Four, Stop));
        server.CutAt = _ => null;
        var result = await client.DownloadAsync(server.Url, Target, Four with { Resume = true }, Stop);
        Assert.Equal(server.Sha256, result.Sha256);
        Assert.True(result.ResumedFrom > 0);
        Assert.Equal(["data.bin"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Interrupted_segments_can_go_on_over_one_connection()
    {
        await using var server = new FileServer(Size) { CutAt = _ => 1_000_000 };
        using var client = new HTTPClient(FileServer.Once);
        await Assert.ThrowsAsync<HTTPException>(() => client.DownloadAsync(server.Url, Target, Four, Stop));
        server.CutAt = _ => null;
        Assert.Equal(server.Sha256, (await client.DownloadAsync(server.Url, Target, new() { Resume = true }, Stop)).Sha256);
    }

    /// <summary>Opens when as many wait as it was made for.</summary>
    private sealed class Gate(int count)
    {
        private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = count;

        public Task PassAsync(CancellationToken cancellationToken)
        {
            if (Interlocked.Decrement(ref _left) <= 0)
                _open.TrySetResult();
            return _open.Task.WaitAsync(cancellationToken);
        }
    }
}

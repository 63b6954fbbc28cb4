using System.Text.Json;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;

namespace Codomyrmex.Networking.Tests.Unit.Transfers;

/// <summary>Going on where a connection, or an earlier run, broke off.</summary>
public sealed class ResumeTests : IDisposable
{
    private const int Size = 1_000_000;

    private readonly TemporaryDirectory _folder = new();

    private string Target => Path.Combine(_folder.Path, "data.bin");

    private string Journal => Target + ".codonet-resume";

    private string Temporary => Directory.GetFiles(_folder.Path, "*.part").Single();

    private IEnumerable<string> Left => Directory.EnumerateFileSystemEntries(_folder.Path).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Body_is_resumed_by_Range_and_If_Range()
    {
        await using var server = new FileServer(Size) { CutAt = number => number <= 2 ? 300_000 : null };
        using var client = new HTTPClient(FileServer.Options);
        var result = await client.DownloadAsync(server.Url, Target, cancellationToken: Stop);
        Assert.Equal(server.Content, await File.ReadAllBytesAsync(Target, Stop));
        Assert.Equal((server.Sha256, 0), (result.Sha256, result.ResumedFrom));
        Assert.Equal([null, "bytes=300000-", "bytes=600000-"], server.Requests.Select(request => request.Headers["Range"]));
        Assert.Equal([null, "\"v1\"", "\"v1\""], server.Requests.Select(request => request.Headers["If-Range"]));
    }

    [Fact]
    public async Task Body_that_is_reset_is_resumed()
    {
        await using var server = new FileServer(Size) { PauseAt = 500_000 };
        server.Before = (number, exchange) =>
        {
            server.Pause = _ =>
            {
                if (number == 1)
                    exchange.Abort(reset: true);
                return Task.CompletedTask;
            };
            return Task.CompletedTask;
        };
        using var client = new HTTPClient(FileServer.Options);
        Assert.Equal(server.Sha256, (await client.DownloadAsync(server.Url, Target, cancellationToken: Stop)).Sha256);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Body_that_stalls_is_resumed_after_the_idle_timeout()
    {
        await using var server = new FileServer(Size) { PauseAt = 500_000, Pause = number => number == 1 ? Task.Delay(Timeout.Infinite, Stop) : Task.CompletedTask };
        using var client = new HTTPClient(FileServer.Options with { Timeouts = Timeouts.Default with { Idle = TimeSpan.FromMilliseconds(200) } });
        Assert.Equal(server.Sha256, (await client.DownloadAsync(server.Url, Target, cancellationToken: Stop)).Sha256);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task Progress_resets_the_retry_counter_and_none_exhausts_it()
    {
        await using var server = new FileServer(Size) { CutAt = _ => 100_000 };
        using var client = new HTTPClient(FileServer.Options with { Retry = new RetryOptions { Retries = 1, BaseDelay = TimeSpan.Zero } });
        Assert.Equal(server.Sha256, (await client.DownloadAsync(server.Url, Target, cancellationToken: Stop)).Sha256);
        Assert.Equal(10, server.Requests.Count);

        server.CutAt = _ => 1000;
        var error = await Assert.ThrowsAsync<HTTPException>(() => client.DownloadAsync(server.Url, Target + "2", cancellationToken: Stop));
        Assert.Equal((ErrorCodes.HttpTruncated, 12), (error.Code, server.Requests.Count));
        Assert.Contains(ErrorCodes.HttpTruncated, error.Attempts.Select(attempt => attempt.Code));
        Assert.Contains("2000 of 1000000 bytes are kept", error.Hint);
    }

    [Fact]
    public async Task Interrupted_download_goes_on_in_a_later_run()
    {
        await using var server = new FileServer(Size) { CutAt = number => number == 1 ? 400_000 : null };
        using var client = new HTTPClient(FileServer.Once);
        await Assert.ThrowsAsync<HTTPException>(() => client.DownloadAsync(server.Url, Target, cancellationToken: Stop));
        Assert.Equal(["data.bin.codonet-resume", Path.GetFileName(Temporary)], Left.OrderDescending(StringComparer.Ordinal));

        var result = await client.DownloadAsync(server.Url, Target, new() { Resume = true }, Stop);
        Assert.Equal((Size, 400_000, server.Sha256, "\"v1\""), (result.Bytes, result.ResumedFrom, result.Sha256, result.ETag));
        Assert.Equal("bytes=400000-", server.Requests[1].Headers["Range"]);
        Assert.Equal(server.Content, await File.ReadAllBytesAsync(Target, Stop));
        Assert.Equal(["data.bin"], Left);
    }

    [Fact]
    public async Task Without_resume_an_interrupted_download_begins_anew_and_clears_up()
    {
        await using var server = new FileServer(Size) { CutAt = number => number == 1 ? 400_000 : null };
        using var client = new HTTPClient(FileServer.Once);
        await Assert.ThrowsAsync<HTTPException>(() => client.DownloadAsync(server.Url, Target, cancellationToken: Stop));
        Assert.Equal(0, (await client.DownloadAsync(server.Url, Target, cancellationToken: Stop)).ResumedFrom);
        Assert.Null(server.Requests[1].Headers["Range"]);
        Assert.Equal(["data.bin"], Left);
    }

    [Fact]
    public async Task Nothing_is_kept_where_nothing_shall_be_or_nothing_could_be_resumed()
    {
        await using var server = new FileServer(Size) { CutAt = _ => 400_000 };
        using var client = new HTTPClient(FileServer.Once);
        await Assert.ThrowsAsync<HTTPException>(() => client.DownloadAsync(server.Url, Target, new() { KeepPartial = false }, Stop));
        Assert.Empty(Left);
        server.ETag = null;
        await Assert.ThrowsAsync<HTTPException>(() => client.DownloadAsync(server.Url, Target, cancellationToken: Stop));
        Assert.Empty(Left);
    }

    [Fact]
    public async Task Cancelled_download_keeps_what_came_and_stays_a_cancellation()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        await using var server = new FileServer(Size) { PauseAt = 500_000 };
        server.Pause = async number =>
        {
            if (number > 1)
                return;
            await cancel.CancelAsync();
            await Task.Delay(Timeout.Infinite, Stop);
        };
        using var client = new HTTPClient(FileServer.Options);
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.DownloadAsync(server.Url, Target, cancellationToken: cancel.Token));
        Assert.Equal(cancel.Token, error.CancellationToken);
        var result = await client.DownloadAsync(server.Url, Target, new() { Resume = true }, Stop);
        Assert.Equal(server.Sha256, result.Sha256);
    }

    [Fact]
    public async Task Content_that_changes_between_attempts_is_fetched_anew_and_never_mixed()
    {
        await using var server = new FileServer(Size) { CutAt = number => number == 1 ? 400_000 : null };
        server.Before = (number, _) =>
        {
            if (number == 2)
                (server.Content, server.ETag) = (FileServer.Bytes(Size, seed: 2), "\"v2\"");
            return Task.CompletedTask;
        };
        using var client = new HTTPClient(FileServer.Options);
        var result = await client.DownloadAsync(server.Url, Target, cancellationToken: Stop);
        Assert.Equal((server.Sha256, "\"v2\""), (result.Sha256, result.ETag));
        Assert.Equal(server.Content, await File.ReadAllBytesAsync(Target, Stop));
        Assert.Equal(["data.bin"], Left);
    }

    [Theory]
    [InlineData(Size)]
    [InlineData(Size / 4)]
    [InlineData(Size * 2)]
    public async Task Content_that_changes_between_runs_is_fetched_anew_and_never_mixed(int newSize)
    {
        await using var server = new FileServer(Size) { CutAt = number => number == 1 ? 400_000 : null };
        using var client = new HTTPClient(FileServer.Once);
        await Assert.ThrowsAsync<HTTPException>(() => client.DownloadAsync(server.Url, Target, cancellationToken: Stop));
        (server.Content, server.ETag) = (FileServer.Bytes(newSize, seed: 2), "\"v2\"");
        var result = await client.DownloadAsync(server.Url, Target, new() { Resume = true }, Stop);
        Assert.Equal((0, newSize, server.Sha256), (result.ResumedFrom, result.Bytes, result.Sha256));
        Assert.Equal(["data.bin"], Left);
    }

    [Fact]
    public async Task Content_that_always_changes_is_an_error()
    {
        await using var server = new FileServer(Size) { CutAt = _ => 400_000 };
        server.Before = (number, _) =>
        {
            server.ETag = $"\"v{number}\"";
            return Task.CompletedTask;
        };
        using var client = new HTTPClient(FileServer.Options);
        var error = await Assert.ThrowsAsync<NetworkException>(() => client.DownloadAsync(server.Url, Target, cancellationToken: Stop));
        Assert.Equal(ErrorCodes.TransferChanged, error.Code);
    }

    [Theory]
    [InlineData("bytes 0-999999/1000000")]
    [InlineData("bytes 300001-999999/1000000")]
    [InlineData("bytes 300000-999998/1000000")]
    [InlineData("bytes 300000-999999/999999")]
    [InlineData("bytes 300000-999999/2000000")]
    [InlineData("bytes=300000-")]
    [InlineData("")]
    public async Task Server_that_lies_about_ranges_is_asked_for_everything(string lie)
    {
        await using var server = new FileServer(Size) { CutAt = number => number == 1 ? 300_000 : null, Lie = _ => lie };
        using var client = new HTTPClient(FileServer.Options);
        var result = await client.DownloadAsync(server.Url, Target, cancellationToken: Stop);
        Assert.Equal(server.Sha256, result.Sha256);
        Assert.Equal("bytes=300000-", server.Requests[1].Headers["Range"]);
        Assert.All(server.Requests.Skip(2), request => Assert.Null(request.Headers["Range"]));
    }

    [Fact]
    public async Task Part_with_another_tag_than_asked_for_is_not_used()
    {
        await using var server = new FileServer(Size) { CutAt = number => number == 1 ? 300_000 : null };
        server.Before = (number, exchange) => number != 2 ? Task.CompletedTask : exchange.RespondAsync(206, new byte[700_000], headers:
            [new("ETag", "\"v2\""), new("Content-Range", "bytes 300000-999999/1000000")]);
        using var client = new HTTPClient(FileServer.Options);
        Assert.Equal(server.Sha256, (await client.DownloadAsync(server.Url, Target, cancellationToken: Stop)).Sha256);
        Assert.Null(server.Requests[^1].Headers["Range"]);
    }

    [Fact]
    public async Task Server_that_ignores_ranges_is_read_from_the_start()
    {
        await using var server = new FileServer(Size) { HasRanges = false, CutAt = number => number == 1 ? 300_000 : null };
        using var client = new HTTPClient(FileServer.Options);
        Assert.Equal(server.Sha256, (await client.DownloadAsync(server.Url, Target, cancellationToken: Stop)).Sha256);
    }

    [Fact]
    public async Task Server_that_ignores_ranges_and_always_breaks_off_is_given_up()
    {
        await using var server = new FileServer(Size) { HasRanges = false, CutAt = _ => 300_000 };
        using var client = new HTTPClient(FileServer.Options);
        var error = await Assert.ThrowsAsync<HTTPException>(() => client.DownloadAsync(server.Url, Target, cancellationToken: Stop));
        Assert.Equal(ErrorCodes.HttpTruncated, error.Code);
        Assert.InRange(server.Requests.Count, 3, 8);
    }

    [Fact]
    public async Task Part_that_is_shorter_than_asked_for_is_not_taken_for_the_end()
    {
        await using var server = new FileServer(Size) { HasLength = false, CutAt = number => number == 1 ? 300_000 : null };
        server.Before = (number, exchange) => number != 2 ? Task.CompletedTask : exchange.RespondAsync(206, server.Content.AsMemory(300_000, 100_000), headers:
            [new("ETag", "\"v1\""), new("Content-Range", "bytes 300000-399999/1000000")]);
        using var client = new HTTPClient(FileServer.Options);
        Assert.Equal(server.Sha256, (await client.DownloadAsync(server.Url, Target, cancellationToken: Stop)).Sha256);
        Assert.Equal([null, "bytes=300000-", "bytes=400000-"], server.Requests.Select(request => request.Headers["Range"]));
    }

    [Fact]
    public async Task Unsatisfiable_range_means_starting_over()
    {
        await using var server = new FileServer(Size) { CutAt = number => number == 1 ? 300_000 : null };
        server.Before = (number, exchange) => number == 2 ? exchange.RespondAsync(416, headers: [new("Content-Range", "bytes */300000")]) : Task.CompletedTask;
        using var client = new HTTPClient(FileServer.Options);
        Assert.Equal(server.Sha256, (await client.DownloadAsync(server.Url, Target, cancellationToken: Stop)).Sha256);
        Assert.Null(server.Requests[2].Headers["Range"]);
    }

    [Fact]
    public async Task Weak_tag_vouches_for_no_byte()
    {
        await using var server = new FileServer(Size) { ETag = "W/\"v1\"", CutAt = number => number == 1 ? 300_000 : null };
        server.Fields.Add(new("Last-Modified", "Wed, 01 Jan 2020 00:00:00 GMT"));
        using var client = new HTTPClient(FileServer.Options);
        Assert.Equal(server.Sha256, (await client.DownloadAsync(server.Url, Target, cancellationToken: Stop)).Sha256);
        Assert.All(server.Requests, request => Assert.Null(request.Headers["If-Range"]));
    }

    [Fact]
    public async Task Old_modification_date_vouches_where_there_is_no_tag()
    {
        await using var server = new FileServer(Size) { ETag = null, CutAt = number => number == 1 ? 300_000 : null };
        server.Fields.Add(new("Last-Modified", "Wed, 01 Jan 2020 00:00:00 GMT"));
        using var client = new HTTPClient(FileServer.Options);
        Assert.Equal(server.Sha256, (await client.DownloadAsync(server.Url, Target, cancellationToken: Stop)).Sha256);
        Assert.Equal(("bytes=300000-", "Wed, 01 Jan 2020 00:00:00 GMT"), (server.Requests[1].Headers["Range"], server.Requests[1].Headers["If-Range"]));
    }

    [Fact]
    public async Task Only_bytes_that_the_journal_names_are_trusted()
    {
        await using var server = await InterruptedAsync();
        // As after a loss of power: the file is longer, but what lies there is torn.
        await using (var file = new FileStream(Temporary, FileMode.Append))
            await file.WriteAsync(new byte[50_000], Stop);
        var journal = await JournalAsync();
        await File.WriteAllTextAsync(Journal, journal.Replace("[0,400000]", "[0,250000]", StringComparison.Ordinal), Stop);
        using var client = new HTTPClient(FileServer.Once);
        var result = await client.DownloadAsync(server.Url, Target, new() { Resume = true }, Stop);
        Assert.Equal((250_000, server.Sha256), (result.ResumedFrom, result.Sha256));
        Assert.Equal("bytes=250000-", server.Requests[1].Headers["Range"]);
        Assert.Equal(server.Content, await File.ReadAllBytesAsync(Target, Stop));
    }

    [Theory]
    [InlineData("torn")]
    [InlineData("elsewhere")]
    [InlineData("longer than the file")]
    [InlineData("of another URL")]
    [InlineData("readable by others")]
    [InlineData("a link")]
    public async Task Journal_that_cannot_be_trusted_counts_as_none(string how)
    {
        await using var server = await InterruptedAsync();
        var text = await JournalAsync();
        var (temporary, changed) = (Path.GetFileName(Temporary), how switch
        {
            "torn" => text[..^10],
            "longer than the file" => text.Replace("[0,400000]", "[0,999999]", StringComparison.Ordinal),
            _ => text,
        });
        if (how == "elsewhere")
            changed = text.Replace(temporary, "../" + temporary, StringComparison.Ordinal);
        if (how == "of another URL")
            changed = text.Replace("data.bin\"", "data.bin?id=2\"", StringComparison.Ordinal);
        await File.WriteAllTextAsync(Journal, changed, Stop);
        if (how == "readable by others" && OperatingSystem.IsLinux())
            File.SetUnixFileMode(Journal, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        if (how == "a link")
        {
            File.Move(Journal, Journal + ".real");
            File.CreateSymbolicLink(Journal, Journal + ".real");
        }
        using var client = new HTTPClient(FileServer.Once);
        var result = await client.DownloadAsync(server.Url, Target, new() { Resume = true }, Stop);
        Assert.Equal((0, server.Sha256), (result.ResumedFrom, result.Sha256));
    }

    [Fact]
    public async Task Journal_tells_no_secret()
    {
        await using var server = new FileServer(Size) { CutAt = _ => 400_000 };
        using var client = new HTTPClient(FileServer.Once with { Credential = Credential.Bearer("canary1") });
        var url = server.Url.Replace("http://", "http://user:canary2@", StringComparison.Ordinal) + "?token=canary3";
        await Assert.ThrowsAsync<HTTPException>(() => client.DownloadAsync(url, Target, cancellationToken: Stop));
        var text = await JournalAsync();
        Assert.DoesNotContain("canary", text);
        Assert.Equal(1, JsonDocument.Parse(text).RootElement.GetProperty("format").GetInt32());
    }

    [Fact]
    public async Task Two_runs_do_not_write_one_file()
    {
        var first = new TaskCompletionSource();
        await using var server = new FileServer(Size) { PauseAt = 500_000 };
        server.Pause = _ => first.Task;
        using var client = new HTTPClient(FileServer.Options);
        var running = client.DownloadAsync(server.Url, Target, new() { Progress = new Signal(first.Task, out var begun) }, Stop);
        await begun;
        foreach (var resume in (bool[])[true, false])
        {
            var error = await Assert.ThrowsAsync<NetworkException>(() => client.DownloadAsync(server.Url, Target, new() { Resume = resume }, Stop));
            Assert.Equal(ErrorCodes.LocalIo, error.Code);
        }
        first.SetResult();
        Assert.Equal(server.Sha256, (await running).Sha256);
    }

    [Fact]
    public async Task File_that_has_the_hash_wanted_is_not_fetched_again()
    {
        await using var server = new FileServer(Size);
        using var client = new HTTPClient(FileServer.Options);
        await client.DownloadAsync(server.Url, Target, cancellationToken: Stop);
        var again = await client.DownloadAsync(server.Url, Target, new() { Resume = true, Sha256 = server.Sha256 }, Stop);
        Assert.Equal((Size, Size, server.Sha256), (again.Bytes, again.ResumedFrom, again.Sha256));
        Assert.Single(server.Requests);
        var error = await Assert.ThrowsAsync<NetworkException>(() => client.DownloadAsync(server.Url, Target, new() { Resume = true, Sha256 = new string('0', 64) }, Stop));
        Assert.Equal(ErrorCodes.LocalExists, error.Code);
    }

    [Fact]
    public async Task Other_file_of_the_same_size_is_not_taken_for_the_one_wanted()
    {
        await using var server = await InterruptedAsync();
        File.Delete(Temporary);
        await File.WriteAllBytesAsync(Target, new byte[Size], Stop);
        using var client = new HTTPClient(FileServer.Options);
        var error = await Assert.ThrowsAsync<NetworkException>(() => client.DownloadAsync(server.Url, Target, new() { Resume = true }, Stop));
        Assert.Equal(ErrorCodes.LocalExists, error.Code);
    }

    [Fact]
    public async Task Run_that_ended_between_the_name_and_the_journal_was_complete()
    {
        await using var server = await InterruptedAsync();
        var journal = await JournalAsync();
        using var client = new HTTPClient(FileServer.Options);
        await client.DownloadAsync(server.Url, Target, new() { Resume = true }, Stop);
        await File.WriteAllTextAsync(Journal, journal.Replace("[0,400000]", "[0,1000000]", StringComparison.Ordinal), Stop);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Journal, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var result = await client.DownloadAsync(server.Url, Target, new() { Resume = true }, Stop);
        Assert.Equal((Size, server.Sha256, 2), (result.ResumedFrom, result.Sha256, server.Requests.Count));
        Assert.Equal(["data.bin"], Left);
    }

    private async Task<FileServer> InterruptedAsync()
    {
        var server = new FileServer(Size) { CutAt = number => number == 1 ? 400_000 : null };
        using var client = new HTTPClient(FileServer.Once);
        await Assert.ThrowsAsync<HTTPException>(() => client.DownloadAsync(server.Url, Target, cancellationToken: Stop));
        return server;
    }

    private Task<string> JournalAsync() => File.ReadAllTextAsync(Journal, Stop);

    /// <summary>Says when the first bytes are there.</summary>
    private sealed class Signal : IProgress<TransferProgress>
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Signal(Task end, out Task begun)
        {
            begun = Task.WhenAny(_begun.Task, end);
        }

        public void Report(TransferProgress value) => _begun.TrySetResult();
    }
}

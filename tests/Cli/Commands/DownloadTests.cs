using System.Security.Cryptography;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Cli.Commands;

public class DownloadTests(LabFixture lab) : IClassFixture<LabFixture>
{
    private const int Size = 1_000_000;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Download_prints_the_document_of_the_contract()
    {
        using var file = new TemporaryFile(null);
        var run = await CliRun.RunAsync("download", $"{lab.Http.Url}range/{Size}", "-o", file.Path, "--json");
        Assert.Equal(0, run.ExitCode);
        var bytes = await File.ReadAllBytesAsync(file.Path, Stop);
        Assert.Equal(["bytes", "sha256", "resumedFrom", "elapsedMs", "path"], run.Document.EnumerateObject().Select(member => member.Name));
        Assert.Equal((Size, 0, file.Path), (run.Document.GetProperty("bytes").GetInt32(), run.Document.GetProperty("resumedFrom").GetInt32(), run.Document.GetProperty("path").GetString()));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), run.Document.GetProperty("sha256").GetString());
        Assert.True(run.Document.GetProperty("elapsedMs").GetDouble() > 0);
        Assert.Contains("100 % of 976.6 KiB", run.Error);
    }

    [Fact]
    public async Task Interrupted_download_says_how_to_go_on_and_resume_does()
    {
        using var interrupt = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        // More than the buffers between the two ends hold: when the server has written the first part, the client has read most of it.
        const int Whole = 32_000_000, Part = 24_000_000;
        var content = new byte[Whole];
        Array.Fill(content, (byte)'x');
        var count = 0;
        await using var server = LoopbackServer.Start().Map("GET", "/file", async exchange =>
        {
            var isFirst = Interlocked.Increment(ref count) == 1;
            var from = isFirst ? 0 : int.Parse(exchange.Headers["Range"]!["bytes=".Length..^1], System.Globalization.CultureInfo.InvariantCulture);
            var headers = new List<KeyValuePair<string, string>> { new("ETag", "\"1\"") };
            if (!isFirst)
                headers.Add(new("Content-Range", $"bytes {from}-{Whole - 1}/{Whole}"));
            var body = await exchange.StartAsync(isFirst ? 200 : 206, headers, Whole - from);
            await body.WriteAsync(content.AsMemory(from, isFirst ? Part : Whole - from), exchange.Aborted);
            if (!isFirst)
                return;
            await interrupt.CancelAsync();
            await Task.Delay(Timeout.Infinite, exchange.Aborted);
        });
        using var file = new TemporaryFile(null);
        string[] line = ["download", $"{server.Url}file", "-o", file.Path];
        var run = await new CliRun { Interrupted = interrupt.Token }.StartAsync(line);
        Assert.Equal(130, run.ExitCode);
        Assert.Contains("Interrupted; ", run.Error);
        Assert.Contains("--resume", run.Error);
        Assert.False(File.Exists(file.Path));

        var again = await CliRun.RunAsync([.. line, "--resume", "--json"]);
        Assert.Equal(0, again.ExitCode);
        Assert.Equal(content, await File.ReadAllBytesAsync(file.Path, Stop));
        Assert.Equal(["file"], file.Siblings);
    }

    [Fact]
    public async Task A_terminal_gets_a_bar_and_then_the_result()
    {
        using var file = new TemporaryFile(null);
        var run = new CliRun { IsTerminal = true, Environment = { ["NO_COLOR"] = "1" } };
        await run.StartAsync("download", $"{lab.Http.Url}range/{Size}", "-o", file.Path, "--parallel", "2");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("\rfile [", run.Error);
        Assert.Contains("[========================] 100 % of 976.6 KiB", run.Error);
        Assert.EndsWith("\n", run.Error);
        Assert.Contains("976.6 KiB in ", run.Out);
        Assert.Contains("sha256 ", run.Out);
    }

    [Fact]
    public async Task Quiet_download_says_nothing()
    {
        using var file = new TemporaryFile(null);
        var run = await CliRun.RunAsync("download", $"{lab.Http.Url}range/10", "-o", file.Path, "--quiet");
        Assert.Equal((0, "", ""), (run.ExitCode, run.Out, run.Error));
        Assert.Equal("abcdefghij", await File.ReadAllTextAsync(file.Path, Stop));
    }

    [Fact]
    public async Task Existing_file_is_kept_unless_it_may_be_overwritten()
    {
        using var file = new TemporaryFile("old");
        var run = await CliRun.RunAsync("download", $"{lab.Http.Url}range/10", "-o", file.Path, "--json");
        Assert.Equal((70, "local.exists", "old"), (run.ExitCode, run.Failure.GetProperty("code").GetString(), await File.ReadAllTextAsync(file.Path, Stop)));
        Assert.Equal(0, (await CliRun.RunAsync("download", $"{lab.Http.Url}range/10", "-o", file.Path, "--overwrite")).ExitCode);
        Assert.Equal("abcdefghij", await File.ReadAllTextAsync(file.Path, Stop));
    }

    [Fact]
    public async Task Wrong_hash_is_a_failure_and_leaves_nothing()
    {
        using var file = new TemporaryFile(null);
        var run = await CliRun.RunAsync("download", $"{lab.Http.Url}range/10", "-o", file.Path, "--sha256", new string('0', 64), "--json");
        Assert.Equal((70, "transfer.mismatch"), (run.ExitCode, run.Failure.GetProperty("code").GetString()));
        Assert.Empty(file.Siblings);
    }

    [Fact]
    public async Task Name_of_the_server_is_used_in_a_folder()
    {
        using var file = new TemporaryFile(null);
        await using var server = LoopbackServer.Start().Map("GET", "/x", exchange =>
            exchange.RespondAsync(200, new byte[3], headers: [new("Content-Disposition", "attachment; filename=\"../../e\u009bvil.txt\"")]));
        var run = await CliRun.RunAsync("download", $"{server.Url}x", "-o", Path.GetDirectoryName(file.Path)!, "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["e_vil.txt"], file.Siblings);
    }
}

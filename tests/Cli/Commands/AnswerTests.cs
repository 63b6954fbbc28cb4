using System.Text;
using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Cli.Commands;

public class AnswerTests(LabFixture lab) : IClassFixture<LabFixture>
{
    [Fact]
    public async Task Into_a_pipe_goes_the_body_byte_for_byte()
    {
        byte[] body = [0, 1, 0x1B, 0x9B, 0xFF, 13, 10];
        await using var server = LabFixture.Answering(body, "application/octet-stream");
        var run = await CliRun.RunAsync("get", server.Url.AbsoluteUri);
        Assert.Equal(body, run.OutBytes);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Of_head_the_head_goes_into_a_pipe()
    {
        var run = await CliRun.RunAsync("head", $"{lab.Http.Url}get");
        Assert.StartsWith("HTTP/1.1 200 OK\n", run.Out);
        Assert.Contains("content-type: application/json", run.Out);
    }

    [Fact]
    public async Task A_terminal_gets_head_and_indented_json_in_colour()
    {
        var run = await new CliRun { IsTerminal = true }.StartAsync("get", $"{lab.Http.Url}json");
        Assert.Contains("\e[32m200 OK\e[0m", run.Out);
        Assert.Contains("\n  \e[34m\"", run.Out);
    }

    [Theory]
    [InlineData("NO_COLOR", "1", null)]
    [InlineData("TERM", "dumb", null)]
    [InlineData("X", "1", "--no-color")]
    public async Task Colour_can_be_refused(string variable, string value, string? option)
    {
        var run = new CliRun { IsTerminal = true, Environment = { [variable] = value } };
        await run.StartAsync(["get", $"{lab.Http.Url}json", "-v", "--trace", .. option is null ? [] : new[] { option }]);
        Assert.Equal(0, run.ExitCode);
        Assert.DoesNotContain('\e', run.Out + run.Error);
    }

    [Theory]
    [InlineData("text/plain; charset=utf-8")]
    [InlineData("application/xml")]
    public async Task A_terminal_never_gets_control_characters_of_a_body(string contentType)
    {
        await using var server = LabFixture.Answering(Encoding.UTF8.GetBytes("a\e[2Jb\u009bc\u202ed\r\ne\rf"), contentType);
        var run = new CliRun { IsTerminal = true, Environment = { ["NO_COLOR"] = "1" } };
        await run.StartAsync("get", server.Url.AbsoluteUri, "-q");
        Assert.Equal("a\\x1b[2Jb\\x9bc\\u202ed\ne\\x0df\n", run.Out);
    }

    [Fact]
    public async Task A_terminal_never_gets_control_characters_of_a_field()
    {
        await using var server = ScriptedServer.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 O\u009bK\r\nX-A: a\u009bb\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        });
        var run = new CliRun { IsTerminal = true, Environment = { ["NO_COLOR"] = "1" } };
        await run.StartAsync("get", server.Url.AbsoluteUri);
        Assert.DoesNotContain(run.Out.Replace("\n", "", StringComparison.Ordinal), char.IsControl);
    }

    [Fact]
    public async Task A_terminal_is_told_of_bytes_that_are_no_text()
    {
        await using var server = LabFixture.Answering([0, 1, 2], "application/octet-stream");
        Assert.Contains("3 bytes that are no text", (await new CliRun { IsTerminal = true }.StartAsync("get", server.Url.AbsoluteUri)).Out);
    }

    [Fact]
    public async Task A_file_appears_complete_and_alone()
    {
        using var file = new TemporaryFile("old");
        var run = await CliRun.RunAsync("get", $"{lab.Http.Url}bytes/100000?seed=3", "-o", file.Path, "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(100000, new FileInfo(file.Path).Length);
        Assert.Equal(["file"], file.Siblings);
        Assert.Equal(("file", 100000, file.Path), (run.Document.GetProperty("bodyKind").GetString(), run.Document.GetProperty("bytes").GetInt32(), run.Document.GetProperty("path").GetString()));
    }

    [Fact]
    public async Task Paths_in_documents_are_whole()
    {
        using var file = new TemporaryFile(null);
        var relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), file.Path);
        foreach (var command in (string[])["get", "download"])
        {
            var run = await CliRun.RunAsync(command, $"{lab.Http.Url}bytes/10", "-o", relative, "--json");
            Assert.Equal((0, file.Path), (run.ExitCode, run.Document.GetProperty("path").GetString()));
            File.Delete(file.Path);
        }
    }

    [Fact]
    public async Task A_full_disk_is_told_with_the_path_that_was_given()
    {
        if (!File.Exists("/dev/full"))
            return;
        var run = await CliRun.RunAsync("get", $"{lab.Http.Url}bytes/10", "-o", "/dev/full", "--json");
        Assert.Equal((70, "local.io"), (run.ExitCode, run.Failure.GetProperty("code").GetString()));
        Assert.Equal("'/dev/full' could not be written: No space left on device.", run.Failure.GetProperty("message").GetString());
        var scan = await CliRun.RunAsync("scan", "127.0.0.1", "-p", "9", "--html", "/dev/full");
        Assert.Equal(70, scan.ExitCode);
        Assert.Contains("'/dev/full' could not be written: No space left on device.", scan.Error);
    }

    [Fact]
    public async Task A_truncated_answer_leaves_the_file_that_was_there()
    {
        await using var server = ScriptedServer.Start(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"u8.ToArray());
        });
        using var file = new TemporaryFile("old");
        var run = await CliRun.RunAsync("get", server.Url.AbsoluteUri, "--output=" + file.Path, "--json");
        Assert.Equal(75, run.ExitCode);
        Assert.Equal("http.truncated", run.Failure.GetProperty("code").GetString());
        Assert.Equal("old", await File.ReadAllTextAsync(file.Path, TestContext.Current.CancellationToken));
        Assert.Equal(["file"], file.Siblings);
    }

    [Fact]
    public async Task Fail_keeps_the_body_and_says_so()
    {
        var run = await CliRun.RunAsync("get", $"{lab.Http.Url}status/500", "--fail", "--retry", "0");
        Assert.Equal(75, run.ExitCode);
        Assert.StartsWith("500", run.Out);
        Assert.Contains("[http.status]", run.Error);
    }

    [Fact]
    public async Task A_pipe_without_a_reader_ends_the_run_quietly()
    {
        var run = await new CliRun { OutStream = new ClosedPipe() }.StartAsync("get", $"{lab.Http.Url}stream/1000000");
        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Trace_shows_every_phase()
    {
        var run = await CliRun.RunAsync("get", $"{lab.Https.Url}redirect/1", "--cacert", lab.CaFile, "--trace");
        Assert.All(["dns", "connect", "tls", "TLS 1.3", "first byte", "total", "attempt", "redirect"], word => Assert.Contains(word, run.Error));
    }

    [Fact]
    public async Task Verbose_shows_both_heads_beside_the_body()
    {
        var run = await CliRun.RunAsync("post", $"{lab.Http.Url}post", "a=1", "-v");
        Assert.Contains("> POST /post\n", run.Error);
        Assert.Contains("> content-type: application/json\n", run.Error);
        Assert.Contains("< HTTP/1.1 200 OK\n", run.Error);
        Assert.StartsWith("{", run.Out);
    }

    private sealed class ClosedPipe : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new OutputClosedException(new IOException("Broken pipe"));
    }

    [Fact]
    public async Task An_archive_with_bodies_answers_in_the_networks_place()
    {
        using var folder = new TemporaryFolder();
        var har = folder["talk.har"];
        var url = $"{lab.Http.Url}anything/replayed";
        Assert.Equal(0, (await CliRun.RunAsync("post", url, "a=1", "password=canary", "--json", "--har", har, "--har-bodies", "100k")).ExitCode);
        Assert.DoesNotContain("canary", await File.ReadAllTextAsync(har, TestContext.Current.CancellationToken));
        var before = lab.Http.Requests.Count(request => request.Path == "/anything/replayed");
        var again = await CliRun.RunAsync("post", url, "a=1", "password=other", "--json", "--replay", har);
        Assert.Equal("1", again.Document.GetProperty("body").GetProperty("json").GetProperty("a").GetString());
        Assert.Equal(before, lab.Http.Requests.Count(request => request.Path == "/anything/replayed"));

        var missing = await CliRun.RunAsync("get", url, "--json", "--replay", har);
        Assert.Equal((64, "--replay"), (missing.ExitCode, missing.Failure.GetProperty("argument").GetString()));
        Assert.Contains("has no answer to GET", missing.Failure.GetProperty("message").GetString());
        Assert.Equal(64, (await CliRun.RunAsync("get", url, "--replay", "no-such.har")).ExitCode);
        Assert.Equal(64, (await CliRun.RunAsync("get", url, "--har-bodies", "1k")).ExitCode);
    }
}

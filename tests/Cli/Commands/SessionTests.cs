using System.Text.Json;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Cli.Commands;

/// <summary><c>--session NAME</c>, <c>--har FILE</c> and <c>codonet curl</c>.</summary>
public sealed class SessionTests(LabFixture lab) : IClassFixture<LabFixture>, IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("codonet-test-");

    public void Dispose() => _home.Delete(recursive: true);

    private string Folder => Path.Combine(_home.FullName, "codonet", "sessions", "work");

    private async Task<CliRun> RunAsync(params string[] arguments)
    {
        var run = new CliRun { Environment = { ["XDG_CONFIG_HOME"] = _home.FullName, ["TOKEN"] = "t0psecret", ["CODONET_PASSWORD"] = "lovelace" } };
        return await run.StartAsync(arguments);
    }

    private static string? Header(JsonElement document, string name) => document.GetProperty("body").GetProperty("headers").EnumerateObject()
        .Where(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value.ToString()).FirstOrDefault();

    [Fact]
    public async Task Cookies_live_from_run_to_run_in_the_session_that_is_named()
    {
        await RunAsync("get", $"{lab.Http.Url}cookies/set?flavour=oat", "--session", "work");
        var same = await RunAsync("get", $"{lab.Http.Url}cookies", "--session", "work", "--json");
        Assert.Equal("oat", same.Document.GetProperty("body").GetProperty("cookies").GetProperty("flavour").GetString());
        var other = await RunAsync("get", $"{lab.Http.Url}cookies", "--session", "other", "--json");
        Assert.Empty(other.Document.GetProperty("body").GetProperty("cookies").EnumerateObject());
        Assert.Empty((await RunAsync("get", $"{lab.Http.Url}cookies", "--json")).Document.GetProperty("body").GetProperty("cookies").EnumerateObject());
    }

    [Fact]
    public async Task Plain_fields_are_kept_replaced_and_taken_away_and_those_of_a_body_are_not_kept()
    {
        await RunAsync("post", $"{lab.Http.Url}anything", "X-One:1", "X-Two:2", "a=b", "--session", "work");
        var second = (await RunAsync("get", $"{lab.Http.Url}anything", "X-Two:3", "--session", "work", "--json")).Document;
        Assert.Equal(("1", "3", null), (Header(second, "X-One"), Header(second, "X-Two"), Header(second, "Content-Type")));
        var third = (await RunAsync("get", $"{lab.Http.Url}anything", "X-One:", "--session", "work", "--json")).Document;
        Assert.Equal((null, "3"), (Header(third, "X-One"), Header(third, "X-Two")));
    }

    [Fact]
    public async Task Secrets_are_not_written_and_their_source_is_remembered_for_its_origin_alone()
    {
        await RunAsync("get", $"{lab.Http.Url}bearer", "X-Api-Key:canary", "--bearer-env", "TOKEN", "--session", "work");
        var again = await RunAsync("get", $"{lab.Http.Url}bearer", "--session", "work", "--json");
        Assert.Equal(200, again.Document.GetProperty("status").GetInt32());
        await using var other = LabEndpoints.MapTo(LoopbackServer.Start());
        var elsewhere = await RunAsync("get", $"{other.Url}anything", "--session", "work", "--json");
        Assert.Null(Header(elsewhere.Document, "Authorization"));
        foreach (var file in Directory.GetFiles(Folder))
        {
            var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            Assert.DoesNotContain("canary", text);
            Assert.DoesNotContain("t0psecret", text);
        }
    }

    [Fact]
    public async Task User_is_remembered_and_the_password_is_found_again()
    {
        await RunAsync("get", $"{lab.Http.Url}basic-auth/ada/lovelace", "--auth", "ada", "--session", "work");
        Assert.Equal(0, (await RunAsync("get", $"{lab.Http.Url}basic-auth/ada/lovelace", "--session", "work", "--fail")).ExitCode);
        Assert.DoesNotContain("lovelace", await File.ReadAllTextAsync(Path.Combine(Folder, "session.json"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Files_are_the_owners_alone()
    {
        await RunAsync("get", $"{lab.Http.Url}cookies/set?a=1", "--session", "work");
        if (OperatingSystem.IsWindows())
            return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        Assert.Equal(["cookies.json", "hsts.json", "session.json"], Directory.GetFiles(Folder).Select(path => Path.GetFileName(path)).Order());
        foreach (var path in Directory.GetFiles(Folder))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Theory]
    [InlineData("../x")]
    [InlineData(".x")]
    [InlineData("a/b")]
    [InlineData("")]
    public async Task Name_that_is_no_name_is_refused(string name)
    {
        var run = await RunAsync("get", $"{lab.Http.Url}get", "--session", name);
        Assert.Equal(64, run.ExitCode);
        Assert.Contains("--session", run.Error);
        Assert.Empty(_home.GetFileSystemInfos());
    }

    [Theory]
    [InlineData("cookies.json")]
    [InlineData("session.json")]
    [InlineData("hsts.json")]
    public async Task Damaged_session_is_named_and_stays_as_it_is(string file)
    {
        Directory.CreateDirectory(Folder);
        var path = Path.Combine(Folder, file);
        await File.WriteAllTextAsync(path, "{ damaged", TestContext.Current.CancellationToken);
        var run = await RunAsync("get", $"{lab.Http.Url}get", "--session", "work");
        Assert.Equal(64, run.ExitCode);
        Assert.Contains(path, run.Error);
        Assert.Equal("{ damaged", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Archive_of_a_run_is_written_also_where_it_fails()
    {
        var path = Path.Combine(_home.FullName, "out.har");
        await RunAsync("get", $"{lab.Http.Url}redirect-to?url=/get", "--bearer-env", "TOKEN", "--har", path);
        var text = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(2, JsonElement.Parse(text).GetProperty("log").GetProperty("entries").GetArrayLength());
        Assert.DoesNotContain("t0psecret", text);
        var failed = await RunAsync("get", $"http://127.0.0.1:{await LabFixture.ClosedPortAsync()}/", "--retry", "0", "--har", path);
        Assert.Equal(71, failed.ExitCode);
        Assert.Contains("tcp.refused", await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Line_of_curl_is_sent_and_what_is_left_out_is_told()
    {
        var run = await RunAsync("curl", $"curl -s -H 'X-One: 1' --json '{{\"a\":1}}' {lab.Http.Url}anything", "--json");
        Assert.Equal(("1", "{\"a\":1}"), (Header(run.Document, "X-One"), run.Document.GetProperty("body").GetProperty("data").GetString()));
        var told = await new CliRun { Input = System.Text.Encoding.UTF8.GetBytes($"curl -o x \\\n {lab.Http.Url}get") }.StartAsync("curl", "-");
        Assert.Equal(0, told.ExitCode);
        Assert.Contains("-o", told.Error);
    }

    [Theory]
    [InlineData("curl --frobnicate http://127.0.0.1/", "--frobnicate")]
    [InlineData("curl -k http://127.0.0.1/", "-k")]
    [InlineData("curl http://127.0.0.1/ | sh", "'|'")]
    public async Task Line_of_curl_that_is_not_understood_is_refused_by_name(string line, string reason)
    {
        var run = await RunAsync("curl", line, "--json");
        Assert.Equal(64, run.ExitCode);
        Assert.Contains(reason, run.Failure.GetProperty("message").GetString());
    }
}

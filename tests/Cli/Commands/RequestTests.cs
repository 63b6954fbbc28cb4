using System.Text.Json;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Cli.Commands;

public class RequestTests(LabFixture lab) : IClassFixture<LabFixture>
{
    [Fact]
    public async Task Fields_become_a_json_object_of_their_types()
    {
        var echo = await EchoAsync("post", "name=valve", "size:=3", "tags:=[\"a\",1.50]", "text=3");
        Assert.Equal("""{"name":"valve","size":3,"tags":["a",1.50],"text":"3"}""", echo.GetProperty("data").GetString());
        Assert.Equal("application/json", Header(echo, "Content-Type"));
        Assert.StartsWith("application/json", Header(echo, "Accept"));
    }

    [Fact]
    public async Task Queries_and_headers_are_no_body()
    {
        var echo = await EchoAsync("get", "q==a b&c", "X-One:1", "--header", "X-Two: 2");
        Assert.Equal("a b&c", echo.GetProperty("args").GetProperty("q").GetString());
        Assert.Equal("1", Header(echo, "X-One"));
        Assert.Equal("2", Header(echo, "X-Two"));
        Assert.Equal("", echo.GetProperty("data").GetString());
    }

    [Fact]
    public async Task A_name_alone_leaves_a_default_field_out()
    {
        var echo = await EchoAsync("get", "User-Agent:", "Accept-Encoding:");
        Assert.Null(Header(echo, "User-Agent"));
        Assert.Null(Header(echo, "Accept-Encoding"));
        Assert.StartsWith("codonet/", Header(await EchoAsync("get"), "User-Agent"));
    }

    [Fact]
    public async Task A_form_is_url_encoded()
    {
        var echo = await EchoAsync("post", "--form", "a=1 2", "b=&");
        Assert.Equal("1 2", echo.GetProperty("form").GetProperty("a").GetString());
        Assert.Equal("&", echo.GetProperty("form").GetProperty("b").GetString());
    }

    [Fact]
    public async Task A_file_makes_it_multipart()
    {
        using var file = new TemporaryFile("content");
        var echo = await EchoAsync("post", "a=1", "f@" + file.Path);
        Assert.StartsWith("multipart/form-data", Header(echo, "Content-Type"));
        Assert.Equal("1", echo.GetProperty("form").GetProperty("a").GetString());
        Assert.Equal("content", echo.GetProperty("files").GetProperty("f").GetString());
    }

    [Fact]
    public async Task Standard_input_is_a_body_of_the_type_that_is_given()
    {
        var run = await new CliRun { Input = "[1]"u8.ToArray() }.StartAsync("put", $"{lab.Http.Url}anything", "--body", "-", "Content-Type:application/json", "--json");
        var echo = run.Document.GetProperty("body");
        Assert.Equal("[1]", echo.GetProperty("data").GetString());
        Assert.Equal("application/json", Header(echo, "Content-Type"));
    }

    [Fact]
    public async Task A_file_is_a_body_of_the_type_of_its_name()
    {
        using var file = new TemporaryFile("{}", ".json");
        var echo = await EchoAsync("post", "--body", file.Path);
        Assert.Equal("{}", echo.GetProperty("data").GetString());
        Assert.Equal("application/json", Header(echo, "Content-Type"));
    }

    [Fact]
    public async Task A_password_comes_from_the_environment()
    {
        var run = new CliRun { Environment = { ["CODONET_PASSWORD"] = "lovelace" } };
        await run.StartAsync("get", $"{lab.Http.Url}basic-auth/ada/lovelace", "--auth", "ada", "--json");
        Assert.Equal(200, run.Document.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task A_password_comes_from_a_file_from_standard_input_or_from_a_person()
    {
        using var file = new TemporaryFile("lovelace\nmore");
        string[] line = ["get", $"{lab.Http.Url}basic-auth/ada/lovelace", "--auth", "ada", "--fail"];
        Assert.Equal(0, (await CliRun.RunAsync([.. line, "--password-file", file.Path])).ExitCode);
        Assert.Equal(0, (await new CliRun { Input = "lovelace\r\n"u8.ToArray() }.StartAsync([.. line, "--password-file", "-"])).ExitCode);
        Assert.Equal(0, (await new CliRun { Secret = "lovelace" }.StartAsync(line)).ExitCode);
        Assert.Equal(75, (await new CliRun { Secret = "wrong" }.StartAsync(line)).ExitCode);
    }

    [Fact]
    public async Task A_password_is_proved_without_being_sent()
    {
        string[] line = ["get", $"{lab.Http.Url}digest-auth/auth/ada/lovelace", "--auth", "ada", "--digest", "--fail"];
        Assert.Equal(0, (await new CliRun { Secret = "lovelace" }.StartAsync(line)).ExitCode);
        Assert.Equal(75, (await new CliRun { Secret = "wrong" }.StartAsync(line)).ExitCode);
        Assert.Contains(" --digest", (await CliRun.RunAsync([.. line, "--as-curl"])).Out);
    }

    [Fact]
    public async Task A_bearer_token_comes_from_a_variable_and_is_never_shown()
    {
        var run = new CliRun { Environment = { ["TOKEN"] = "t0psecret" } };
        await run.StartAsync("get", $"{lab.Http.Url}status/200", "--bearer-env", "TOKEN", "--verbose", "--trace");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains(lab.Http.Requests, request => request.Headers["Authorization"] == "Bearer t0psecret");
        Assert.Contains("authorization: ***", run.Error);
        Assert.DoesNotContain("t0psecret", run.Error);
    }

    [Theory]
    [InlineData("get", "2", 0)]
    [InlineData("get", null, 0)]
    [InlineData("get", "0", 75)]
    [InlineData("post", "2", 0)]
    [InlineData("post", null, 75)]
    public async Task Retries_are_those_of_the_contract(string command, string? retries, int exitCode)
    {
        var url = $"{lab.Http.Url}flaky/{command}-{retries}-{exitCode}/2";
        var run = await CliRun.RunAsync([command, url, "--fail", "--json", .. retries is null ? [] : new[] { "--retry", retries }]);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Equal(exitCode == 0 ? 3 : 1, run.Document.GetProperty("attempts").GetArrayLength());
    }

    [Fact]
    public async Task A_name_is_pinned_to_an_address()
    {
        var run = await CliRun.RunAsync("get", $"http://pinned.example:{lab.Http.Port}/get", "--resolve", $"pinned.example:{lab.Http.Port}:127.0.0.1", "--json");
        Assert.Equal(200, run.Document.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task A_proxy_gets_its_password_from_the_environment_and_is_bypassed_for_the_list()
    {
        await using var proxy = LoopbackProxy.Start(new LoopbackProxyOptions { User = "ada", Password = "pw" });
        string[] line = ["get", $"{lab.Http.Url}get", "--json", "--proxy", $"http://ada@127.0.0.1:{proxy.Port}"];
        var run = new CliRun { Environment = { ["CODONET_PROXY_PASSWORD"] = "pw" } };
        await run.StartAsync(line);
        Assert.Equal(200, run.Document.GetProperty("status").GetInt32());
        var used = proxy.ConnectionCount;
        Assert.True(used > 0);
        await CliRun.RunAsync([.. line, "--no-proxy", "other.example,127.0.0.0/8"]);
        Assert.Equal(used, proxy.ConnectionCount);
    }

    [Fact]
    public async Task Several_proxies_take_turns_and_one_that_fails_is_left_alone()
    {
        await using var proxy = LoopbackProxy.Start(new LoopbackProxyOptions { User = "ada", Password = "pw" });
        var dead = await LabFixture.ClosedPortAsync();
        var run = new CliRun { Environment = { ["CODONET_PROXY_PASSWORD"] = "pw" } };
        await run.StartAsync("get", $"{lab.Http.Url}get", "--json", "--proxy", $"http://127.0.0.1:{dead}", "--proxy", $"http://ada@127.0.0.1:{proxy.Port}", "--no-proxy", "other.example");
        Assert.Equal(200, run.Document.GetProperty("status").GetInt32());
        Assert.Equal(["proxy.refused", null], run.Document.GetProperty("attempts").EnumerateArray().Select(attempt => attempt.GetProperty("code").GetString()));
        Assert.Equal(1, proxy.ConnectionCount);

        var none = await CliRun.RunAsync("get", $"{lab.Http.Url}get", "--json", "--retry", "2", "--proxy", $"http://127.0.0.1:{dead}", "--proxy", $"http://localhost:{dead}");
        Assert.Equal((77, "proxy.exhausted"), (none.ExitCode, none.Failure.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task As_curl_prints_and_sends_nothing()
    {
        var before = lab.Http.Requests.Count;
        var run = await CliRun.RunAsync(
            "post", $"{lab.Http.Url}as-curl", "name=it's", "X-Api-Key:abc", "--auth", "ada", "--proxy", "http://u:pw@proxy.example:3128", "--insecure", "--as-curl");
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("curl --request POST", run.Out);
        Assert.Contains("--user ada", run.Out);
        Assert.Contains("--insecure", run.Out);
        Assert.Contains("--location", run.Out);
        Assert.DoesNotContain("abc", run.Out);
        Assert.DoesNotContain("pw", run.Out);
        Assert.DoesNotContain(lab.Http.Requests.Skip(before), request => request.Path == "/as-curl");
    }

    [Fact]
    public async Task As_curl_names_files_and_parts()
    {
        using var file = new TemporaryFile("x", ".json");
        var body = await CliRun.RunAsync("put", "http://a/", "--body", file.Path, "--as-curl");
        Assert.Contains($"--header 'Content-Type: application/json' --data-binary @{file.Path}", body.Out);
        var parts = await CliRun.RunAsync("post", "http://a/", "n=@v", "f@" + file.Path, "--as-curl", "--json");
        Assert.Contains($"--form-string n=@v --form f=@{file.Path}", parts.Document.GetProperty("curl").GetString());
    }

    private static string? Header(JsonElement echo, string name) =>
        echo.GetProperty("headers").EnumerateObject().Where(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            .Select(field => field.Value.ToString()).FirstOrDefault();

    private async Task<JsonElement> EchoAsync(string command, params string[] arguments)
    {
        var run = await CliRun.RunAsync([command, $"{lab.Http.Url}anything", .. arguments, "--json"]);
        Assert.True(run.ExitCode == 0, run.Out);
        return run.Document.GetProperty("body");
    }
}

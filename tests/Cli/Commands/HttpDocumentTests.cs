using System.Text;
using System.Text.Json;

namespace Codomyrmex.Networking.Tests.Cli.Commands;

public class HttpDocumentTests(LabFixture lab) : IClassFixture<LabFixture>
{
    [Fact]
    public async Task A_success_has_the_shape_of_the_contract()
    {
        var run = await CliRun.RunAsync("get", $"{lab.Http.Url}json", "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Error);
        var document = run.Document;
        Assert.Equal(["status", "reason", "version", "url", "headers", "body", "bodyKind", "bytes", "timings", "remote", "reused", "attempts", "redirects"],
            document.EnumerateObject().Select(member => member.Name));
        Assert.Equal(200, document.GetProperty("status").GetInt32());
        Assert.Equal("OK", document.GetProperty("reason").GetString());
        Assert.Equal("1.1", document.GetProperty("version").GetString());
        Assert.Equal($"{lab.Http.Url}json", document.GetProperty("url").GetString());
        Assert.StartsWith("application/json", document.GetProperty("headers").GetProperty("content-type")[0].GetString());
        Assert.Equal("json", document.GetProperty("bodyKind").GetString());
        Assert.Equal(JsonValueKind.Object, document.GetProperty("body").ValueKind);
        Assert.Equal($"127.0.0.1:{lab.Http.Port}", document.GetProperty("remote").GetString());
        Assert.Equal(JsonValueKind.False, document.GetProperty("reused").ValueKind);
        Assert.Equal(200, document.GetProperty("attempts")[0].GetProperty("status").GetInt32());
        Assert.Equal(JsonValueKind.Null, document.GetProperty("attempts")[0].GetProperty("code").ValueKind);
        Assert.Equal(0, document.GetProperty("redirects").GetArrayLength());
        var timings = document.GetProperty("timings");
        Assert.Equal(JsonValueKind.Null, timings.GetProperty("tlsMs").ValueKind);
        Assert.All(["dnsMs", "connectMs", "firstByteMs", "totalMs"], name => Assert.True(timings.GetProperty(name).GetDouble() >= 0));
    }

    [Fact]
    public async Task Redirects_are_listed_and_the_url_is_the_last_one()
    {
        var document = (await CliRun.RunAsync("--json", "get", $"{lab.Http.Url}redirect/2")).Document;
        Assert.Equal($"{lab.Http.Url}get", document.GetProperty("url").GetString());
        Assert.Equal([(302, $"{lab.Http.Url}redirect/2", $"{lab.Http.Url}redirect/1"), (302, $"{lab.Http.Url}redirect/1", $"{lab.Http.Url}get")],
            document.GetProperty("redirects").EnumerateArray().Select(hop =>
                (hop.GetProperty("status").GetInt32(), hop.GetProperty("url").GetString()!, hop.GetProperty("location").GetString()!)));
    }

    [Fact]
    public async Task A_redirect_is_shown_where_it_is_not_to_be_followed()
    {
        var document = (await CliRun.RunAsync("get", $"{lab.Http.Url}redirect/2", "--json", "--no-follow")).Document;
        Assert.Equal(302, document.GetProperty("status").GetInt32());
        Assert.Equal("/redirect/1", document.GetProperty("headers").GetProperty("location")[0].GetString());
    }

    [Theory]
    [InlineData("héllo", "text/plain; charset=utf-8", "text", "héllo")]
    [InlineData("<p>", "text/html", "text", "<p>")]
    [InlineData("{\"a\":1}", "text/plain", "text", "{\"a\":1}")]
    [InlineData("{ \"a\" : 1.0 }", "application/problem+json", "json", "{\"a\":1.0}")]
    [InlineData("{\"a\":", "application/json", "text", "{\"a\":")]
    [InlineData("[\"\\ud800\"]", "application/json", "text", "[\"\\ud800\"]")]
    [InlineData("", null, "text", "")]
    [InlineData("a\0b", "text/plain", "base64", "YQBi")]
    public async Task A_body_is_json_text_or_base64(string body, string? contentType, string kind, string expected)
    {
        await using var server = LabFixture.Answering(Encoding.UTF8.GetBytes(body), contentType);
        var document = (await CliRun.RunAsync("get", server.Url.AbsoluteUri, "--json")).Document;
        Assert.Equal(kind, document.GetProperty("bodyKind").GetString());
        Assert.Equal(expected, kind == "json" ? document.GetProperty("body").GetRawText() : document.GetProperty("body").GetString());
        Assert.Equal(Encoding.UTF8.GetByteCount(body), document.GetProperty("bytes").GetInt32());
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_in_base64()
    {
        byte[] body = [0xFF, 0xFE, 0x80, 0x01];
        await using var server = LabFixture.Answering(body, "application/octet-stream");
        var document = (await CliRun.RunAsync("get", server.Url.AbsoluteUri, "--json")).Document;
        Assert.Equal("base64", document.GetProperty("bodyKind").GetString());
        Assert.Equal(body, document.GetProperty("body").GetBytesFromBase64());
    }

    [Fact]
    public async Task Fields_of_one_name_are_one_list()
    {
        var document = (await CliRun.RunAsync("get", $"{lab.Http.Url}cookies/set?a=1&b=2", "--json", "--no-follow")).Document;
        Assert.Equal(2, document.GetProperty("headers").GetProperty("set-cookie").GetArrayLength());
    }

    [Fact]
    public async Task Fail_keeps_the_document_and_adds_the_error()
    {
        var run = await CliRun.RunAsync("get", $"{lab.Http.Url}status/404", "--json", "--fail");
        Assert.Equal(75, run.ExitCode);
        Assert.Equal(404, run.Document.GetProperty("status").GetInt32());
        Assert.Contains("404", run.Document.GetProperty("body").GetString());
        Assert.Equal("http.status", run.Failure.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_status_is_no_failure_unless_asked() => Assert.Equal(0, (await CliRun.RunAsync("get", $"{lab.Http.Url}status/404", "--json")).ExitCode);

    [Fact]
    public async Task Tls_is_timed_and_its_root_is_read_from_a_file()
    {
        var document = (await CliRun.RunAsync("get", $"{lab.Https.Url}get", "--cacert", lab.CaFile, "--json")).Document;
        Assert.True(document.GetProperty("timings").GetProperty("tlsMs").GetDouble() > 0);
    }
}

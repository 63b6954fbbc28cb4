using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Command lines of curl, read.</summary>
public class CurlLineTests
{
    private static async Task<string?> TextAsync(RequestBody? body)
    {
        if (body is null)
            return null;
        using var buffer = new MemoryStream();
        await body.WriteAsync(buffer, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    [Theory]
    [InlineData("curl http://a.test/", "GET", "http://a.test/", null)]
    [InlineData("curl a.test", "GET", "http://a.test", null)]
    [InlineData("/usr/bin/curl --url https://a.test/x?y=z", "GET", "https://a.test/x?y=z", null)]
    [InlineData("curl -X DELETE http://a.test/", "DELETE", "http://a.test/", null)]
    [InlineData("curl -XPUT http://a.test/ -d a=1", "PUT", "http://a.test/", "a=1")]
    [InlineData("curl -I http://a.test/", "HEAD", "http://a.test/", null)]
    [InlineData("curl -d a=1 -d 'b=2 3' http://a.test/", "POST", "http://a.test/", "a=1&b=2 3")]
    [InlineData("curl --data-raw '@not-a-file' http://a.test/", "POST", "http://a.test/", "@not-a-file")]
    [InlineData("curl --data-urlencode 'q=a b&c' --data-urlencode 'd e' --data-urlencode '==' http://a.test/", "POST", "http://a.test/", "q=a%20b%26c&d%20e&%3D")]
    [InlineData("curl --json '{\"a\":' --json '1}' http://a.test/", "POST", "http://a.test/", "{\"a\":1}")]
    [InlineData("curl -G -d a=1 --data-urlencode 'b=x y' http://a.test/p?c=2#f", "GET", "http://a.test/p?c=2&a=1&b=x%20y#f", null)]
    [InlineData("curl -sSLX PATCH -d x http://a.test/", "PATCH", "http://a.test/", "x")]
    [InlineData("curl -- http://a.test/", "GET", "http://a.test/", null)]
    [InlineData("curl \\\n  'http://a.test/' \\\r\n  -d \"it's \\\"x\\\" \\$y\"", "POST", "http://a.test/", "it's \"x\" $y")]
    [InlineData("curl http://a.test/ -d $'a\\'b\\n\\u00e9\\x41\\xc3\\xa9\\101\\ud83d\\ude00!'", "POST", "http://a.test/", "a'b\n\u00e9A\u00e9A\ud83d\ude00!")]
    [InlineData("curl http://a.test/ -d a\\ b'c'\"d\"e # comment", "POST", "http://a.test/", "a bcde")]
    [InlineData("curl http://a.test/ -d ''", "POST", "http://a.test/", "")]
    [InlineData("curl http://a.test/ -d '$HOME `x`'", "POST", "http://a.test/", "$HOME `x`")]
    public async Task Line_is_read_as_curl_reads_it(string line, string method, string url, string? body)
    {
        var request = Request.FromCurl(line);
        Assert.Equal((method, url, body), (request.Method, request.Url, await TextAsync(request.Body)));
    }

    [Fact]
    public void Fields_cookies_agent_referer_and_types_are_read()
    {
        var request = Request.FromCurl("curl -H 'X-One: 1' -H 'X-Empty;' -H 'Content-Type: text/csv' -b 'a=1; b=2' -b c=3 -A agent -e 'http://r.test/;auto' -d x http://a.test/");
        var headers = request.Options.Headers!;
        Assert.Equal(("1", "", "text/csv", "a=1; b=2; c=3", "agent", "http://r.test/"),
            (headers["X-One"], headers["X-Empty"], headers["Content-Type"], headers["Cookie"], headers["User-Agent"], headers["Referer"]));
        Assert.Equal("application/x-www-form-urlencoded", request.Body!.ContentType);
        Assert.Equal(("application/json", "application/json"), (Request.FromCurl("curl --json 1 a.test").Body!.ContentType, Request.FromCurl("curl --json 1 a.test").Options.Headers!["Accept"]));
    }

    [Fact]
    public void Redirects_times_version_and_credentials_are_read()
    {
        var request = Request.FromCurl("curl -L --max-redirs 3 -m 2.5 --connect-timeout 1 --http1.1 -u user:pa:ss --compressed http://a.test/");
        Assert.Equal((3, TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(1), HttpVersionChoice.Http11),
            (request.Options.Redirects!.Limit, request.Options.Timeouts!.Total, request.Options.Timeouts.Connect, request.Options.Version));
        using var client = new HTTPClient();
        Assert.Equal("Basic dXNlcjpwYTpzcw==", client.Prepare(request).Options.Headers!["Authorization"]);
        Assert.Equal(0, Request.FromCurl("curl a.test").Options.Redirects!.Limit);
    }

    [Fact]
    public async Task Forms_are_read()
    {
        using var place = new TemporaryDirectory();
        var path = Path.Combine(place.Path, "data.txt");
        await File.WriteAllTextAsync(path, "content\n", TestContext.Current.CancellationToken);
        var text = await TextAsync(Request.FromCurl($"curl -F a=1 -F 'j={{}};type=application/json' -F f=@{path} -F 'g=@{path};filename=g.bin;type=x/y' -F 's=<{path}' --form-string t=@x http://a.test/", allowFiles: true).Body);
        foreach (var part in (string[])["name=\"a\"\r\n\r\n1", "application/json\r\n\r\n{}", "filename=\"data.txt\"", "filename=\"g.bin\"", "Content-Type: x/y", "name=\"s\"\r\n\r\ncontent\n", "name=\"t\"\r\n\r\n@x"])
            Assert.Contains(part, text);
        Assert.Equal("content", await TextAsync(Request.FromCurl($"curl -d @{path} a.test", allowFiles: true).Body));
        Assert.Equal("content\n", await TextAsync(Request.FromCurl($"curl --data-binary @{path} a.test", allowFiles: true).Body));
        Assert.Equal("PUT", Request.FromCurl($"curl -T {path} a.test", allowFiles: true).Method);
    }

    [Theory]
    [InlineData("curl -d @/etc/hostname a.test", "-d")]
    [InlineData("curl --data-binary @x a.test", "--data-binary")]
    [InlineData("curl -F f=@x a.test", "-F")]
    [InlineData("curl -F 'f=<x' a.test", "-F")]
    [InlineData("curl -T x a.test", "-T")]
    [InlineData("curl --data-urlencode n@x a.test", "--data-urlencode")]
    [InlineData("curl --json @x a.test", "--json")]
    [InlineData("curl -b cookies.txt a.test", "-b")]
    [InlineData("curl -H @x a.test", "--header")]
    public void File_is_read_only_where_the_line_is_trusted(string line, string option) =>
        Assert.Contains(option, Assert.Throws<FormatException>(() => Request.FromCurl(line)).Message);

    [Theory]
    [InlineData("curl -k a.test", "InsecureAcceptAnyCertificate")]
    [InlineData("curl -sk a.test", "-k")]
    [InlineData("curl --insecure a.test", "--insecure")]
    [InlineData("curl --frobnicate a.test", "--frobnicate")]
    [InlineData("curl -sZ a.test", "-Z")]
    [InlineData("curl --proxy http://u:canary@p a.test", "--proxy")]
    [InlineData("curl --next a.test", "--next")]
    [InlineData("curl -X", "-X has no value")]
    [InlineData("curl", "no URL")]
    [InlineData("", "curl")]
    [InlineData("wget http://a.test/", "curl")]
    [InlineData("curl a.test b.test", "more than one URL")]
    [InlineData("curl 'a.test", "quote at 6")]
    [InlineData("curl \"a.test", "quote at 6")]
    [InlineData("curl $'a.test", "quote at 6")]
    [InlineData("curl a.test | sh", "'|' at 13")]
    [InlineData("curl a.test; rm x", "';'")]
    [InlineData("curl a.test > x", "'>'")]
    [InlineData("curl $(x)", "'$'")]
    [InlineData("curl \"$HOME\"", "'$'")]
    [InlineData("curl `x`", "'`'")]
    [InlineData("curl -d $'\\q' a.test", "escape at")]
    [InlineData("curl -d $'\\xff' a.test", "UTF-8")]
    [InlineData("curl -d $'\\u' a.test", "number")]
    [InlineData("curl -m soon a.test", "-m")]
    [InlineData("curl -u ada a.test", "password")]
    [InlineData("curl -F a=1 -d b=2 a.test", "another body")]
    [InlineData("curl -H 'X: a\nb' a.test", "not allowed")]
    [InlineData("curl -X 'A B' a.test", "token")]
    [InlineData("curl -H nothing a.test", "--header")]
    public void What_is_not_understood_is_named(string line, string reason)
    {
        var message = Assert.Throws<FormatException>(() => Request.FromCurl(line)).Message;
        Assert.Contains(reason, message);
        Assert.DoesNotContain("canary", message);
    }

    [Fact]
    public void What_is_left_out_is_told()
    {
        var notes = new List<string>();
        var request = Request.FromCurl("curl -s -o file -H 'Connection: close' -H 'Accept-Encoding: zstd' -H 'Accept:' a.test", notes: notes);
        Assert.Equal(5, notes.Count);
        Assert.Null(request.Options.Headers);
        Assert.Contains("-o", notes[1]);
    }

    [Fact]
    public async Task Line_that_was_written_here_is_read_back()
    {
        var request = new Request("PATCH", "http://a.test/a?b=c")
        {
            Body = RequestBody.Text("it's\n\u00e9", "text/plain"),
            Options = new() { Headers = new() { ["X-Note"] = "a b", ["X-Empty"] = "" } },
        };
        var again = Request.FromCurl(request.ToCurl());
        Assert.Equal((request.Method, request.Url, "it's\n\u00e9"), (again.Method, again.Url, await TextAsync(again.Body)));
        Assert.Equal([.. request.Options.Headers!, KeyValuePair.Create("Content-Type", "text/plain")], again.Options.Headers!);
    }

    [Fact]
    public void Long_line_is_read_in_linear_time()
    {
        var line = "curl a.test -d '" + new string('x', 1_000_000) + "' -d $'" + string.Concat(Enumerable.Repeat("\\n", 500_000)) + "'";
        var words = ShellWords.Split(line);
        Assert.Equal((6, 1_000_000), (words.Count, words[3].Length));
    }
}

using System.Text.Json.Serialization;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Pagination (Link, cursor) as async sequence.</summary>
public partial class PagesTests
{
    private readonly MockTransport _server = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private HTTPClient Client(Func<HTTPClientOptions, HTTPClientOptions>? change = null)
    {
        var options = new HTTPClientOptions { MessageHandler = _server, Retry = RetryOptions.None };
        return new HTTPClient(change is null ? options : change(options));
    }

    private void Page(string url, string body, string? link = null)
    {
        var headers = new HeaderMap { ["Content-Type"] = "application/json" };
        if (link is not null)
            headers.Add("Link", link);
        _server.When("GET", url).Reply(MockReply.Text(200, body) with { Headers = headers });
    }

    private async Task<List<string>> TextsAsync(HTTPClient client, string url, PageOptions? pages = null, RequestOptions? options = null)
    {
        var texts = new List<string>();
        await foreach (var page in client.PagesAsync(url, pages, options, Stop))
        {
            using (page)
                texts.Add(page.Text);
        }
        return texts;
    }

    [Fact]
    public async Task Pages_are_followed_by_their_links_with_the_same_options()
    {
        Page("http://a.test/list?size=2", "one", "</list?size=2&page=2>; rel=\"next\", </list?page=9>; rel=last");
        Page("http://a.test/list?size=2&page=2", "two", "<http://a.test/list?size=2&page=3>; rel=\"prev next\"");
        Page("http://a.test/list?size=2&page=3", "three", "<http://a.test/list>; rel=first");
        using var client = Client();
        var texts = await TextsAsync(client, "http://a.test/list", options: new() { Query = [new("size", "2")], Headers = new() { ["X-Api-Key"] = "k" } });
        Assert.Equal(["one", "two", "three"], texts);
        Assert.All(_server.Calls, call => Assert.Equal("k", call.Headers["X-Api-Key"]));
    }

    [Fact]
    public async Task Page_is_asked_for_when_the_loop_comes_to_it()
    {
        Page("*", "x", "<?page=2>; rel=next");
        using var client = Client();
        await foreach (var page in client.PagesAsync("http://a.test/", cancellationToken: Stop))
        {
            page.Dispose();
            break;
        }
        Assert.Single(_server.Calls);
    }

    [Fact]
    public async Task Pages_in_a_circle_are_an_error()
    {
        Page("http://a.test/1", "one", "</2>; rel=next");
        Page("http://a.test/2", "two", "</1>; rel=next");
        using var client = Client();
        var error = await Assert.ThrowsAsync<HTTPException>(() => TextsAsync(client, "http://a.test/1"));
        Assert.Equal(ErrorCodes.HttpPages, error.Code);
        Assert.Equal(2, _server.Calls.Count);
    }

    [Fact]
    public async Task Endless_pages_end_at_the_limit_with_an_error()
    {
        _server.When("GET", "*").Reply((call, _) => new(new MockReply { Headers = new() { ["Link"] = $"<{call.Url.AbsolutePath}x>; rel=next" } }));
        using var client = Client();
        var error = await Assert.ThrowsAsync<HTTPException>(() => TextsAsync(client, "http://a.test/", new PageOptions { Limit = 5 }));
        Assert.Contains("PageOptions.Limit", error.Message);
        Assert.Equal(5, _server.Calls.Count);
    }

    [Theory]
    [InlineData("http://b.test/")]
    [InlineData("//b.test/")]
    [InlineData("https://a.test/")]
    [InlineData("http://a.test:81/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://a.test@b.test/")]
    [InlineData("http:\\\\b.test/")]
    public async Task Page_does_not_lead_to_another_origin(string link)
    {
        Page("http://a.test/", "one", $"<{link}>; rel=next");
        using var client = Client();
        Assert.Equal(ErrorCodes.HttpPages, (await Assert.ThrowsAsync<HTTPException>(() => TextsAsync(client, "http://a.test/"))).Code);
        Assert.Single(_server.Calls);
    }

    [Fact]
    public async Task Secrets_stay_behind_where_a_page_may_lead_to_another_origin()
    {
        Page("http://a.test/", "one", "<http://b.test/>; rel=next");
        Page("http://b.test/", "two");
        using var client = Client(options => options with
        {
            Credential = Credential.Bearer("token"),
            Headers = new() { ["X-Zauberwort"] = "w" },
            Redirects = RedirectOptions.Default with { CarriedFields = ["X-Note"] },
        });
        var texts = await TextsAsync(client, "http://a.test/", new PageOptions { AllowOtherOrigins = true }, new() { Headers = new() { ["X-Api-Key"] = "k", ["X-Note"] = "n" } });
        Assert.Equal(["one", "two"], texts);
        Assert.Equal(("Bearer token", "k"), (_server.Calls[0].Headers["Authorization"], _server.Calls[0].Headers["X-Api-Key"]));
        Assert.Equal("w", _server.Calls[0].Headers["X-Zauberwort"]);
        Assert.Equal((null, null, "n"), (_server.Calls[1].Headers["Authorization"], _server.Calls[1].Headers["X-Api-Key"], _server.Calls[1].Headers["X-Note"]));
        Assert.Null(_server.Calls[1].Headers["X-Zauberwort"]);
    }

    [Fact]
    public async Task Secrets_stay_behind_where_the_first_page_was_redirected_to_another_origin()
    {
        _server.When("GET", "http://a.test/").Reply(new MockReply { Status = 302, Headers = new() { ["Location"] = "http://b.test/" } });
        Page("http://b.test/", "one", "</2>; rel=next");
        Page("http://b.test/2", "two", "<http://a.test/3>; rel=next");
        Page("http://a.test/3", "three");
        using var client = Client();
        var texts = await TextsAsync(client, "http://a.test/", new PageOptions { AllowOtherOrigins = true }, new() { Headers = new() { ["X-Api-Key"] = "k" } });
        Assert.Equal(["one", "two", "three"], texts);
        Assert.Equal(["k", null, null, "k"], _server.Calls.Select(call => call.Headers["X-Api-Key"]));
    }

    [Fact]
    public async Task Page_that_is_no_success_is_an_error_and_no_end()
    {
        Page("http://a.test/", "one", "</2>; rel=next");
        _server.When("GET", "http://a.test/2").Reply(500);
        using var client = Client();
        var seen = 0;
        var error = await Assert.ThrowsAsync<HTTPException>(async () =>
        {
            await foreach (var page in client.PagesAsync("http://a.test/", cancellationToken: Stop))
            {
                page.Dispose();
                seen++;
            }
        });
        Assert.Equal((500, 1), (error.Status, seen));
    }

    [Fact]
    public async Task Cursor_in_the_body_leads_to_the_next_page()
    {
        _server.When("POST", "http://a.test/search").Reply((call, _) => new(MockReply.Text(200, call.Text switch { "" => "{\"cursor\":\"b\"}", "b" => "{\"cursor\":\"c\"}", _ => "{}" })));
        using var client = Client();
        var count = 0;
        var first = new Request("POST", "http://a.test/search");
        await foreach (var page in client.PagesAsync(first, page => page.Json().TryGetProperty("cursor", out var cursor) ? first with { Body = RequestBody.Text(cursor.GetString()!) } : null, cancellationToken: Stop))
        {
            page.Dispose();
            count++;
        }
        Assert.Equal(3, count);
    }

    [Fact]
    public async Task Items_of_all_pages_come_as_one_sequence()
    {
        Page("http://a.test/", "[1,2]", "</2>; rel=next");
        Page("http://a.test/2", "[]", "</3>; rel=next");
        Page("http://a.test/3", "[3]");
        using var client = Client();
        var items = new List<int>();
        await foreach (var item in client.ItemsAsync("http://a.test/", Numbers.Default.Int32Array, cancellationToken: Stop))
            items.Add(item);
        Assert.Equal([1, 2, 3], items);
    }

    [Fact]
    public void Wrong_limit_is_named()
    {
        using var client = Client();
        Assert.Contains("PageOptions.Limit", Assert.Throws<ArgumentException>(() => { _ = client.PagesAsync("http://a.test/", new PageOptions { Limit = 0 }); }).Message);
    }

    [JsonSerializable(typeof(int[]))]
    private sealed partial class Numbers : JsonSerializerContext;
}

using System.Globalization;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>The private cache, rule by rule of RFC 9111.</summary>
public class HttpCacheTests
{
    private const string Url = "http://service.test/a";

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly MockTransport _server = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private HTTPClient Client(HttpCache? cache = null) => new(new HTTPClientOptions
    {
        MessageHandler = _server,
        Clock = _clock,
        Cache = cache ?? new HttpCache(),
        Retry = RetryOptions.None,
    });

    private MockReply Answer(string body, params (string Name, string Value)[] fields)
    {
        var headers = new HeaderMap { ["Date"] = Now() };
        foreach (var (name, value) in fields)
            headers.Add(name, value);
        return MockReply.Text(200, body) with { Headers = headers };
    }

    private string Now(TimeSpan later = default) => (_clock.GetUtcNow() + later).ToString("r", CultureInfo.InvariantCulture);

    private async Task<(CacheOutcome Outcome, string Text)> GetAsync(HTTPClient client, string url = Url, HeaderMap? headers = null)
    {
        using var response = await client.GetAsync(url, new() { Headers = headers }, Stop);
        return (response.Cache, response.Text);
    }

    [Fact]
    public async Task Fresh_answer_is_used_again_without_asking_and_tells_its_age()
    {
        _server.When("GET", Url).Reply(Answer("one", ("Cache-Control", "max-age=60")));
        using var client = Client();
        Assert.Equal((CacheOutcome.Miss, "one"), await GetAsync(client));
        _clock.Advance(TimeSpan.FromSeconds(59));
        using var again = await client.GetAsync(Url, cancellationToken: Stop);
        Assert.Equal((CacheOutcome.Hit, "one", "59"), (again.Cache, again.Text, again.Headers["Age"]));
        Assert.Single(_server.Calls);
    }

    [Fact]
    public async Task Expired_answer_is_confirmed_with_its_validators_and_takes_the_new_fields()
    {
        _server.When("GET", Url)
            .Reply(Answer("one", ("Cache-Control", "max-age=60"), ("ETag", "\"v1\""), ("Last-Modified", "Mon, 23 Nov 2026 12:00:00 GMT")))
            .Reply(new MockReply { Status = 304, Headers = new() { ["Cache-Control"] = "max-age=600", ["X-New"] = "yes" } });
        using var client = Client();
        await GetAsync(client);
        _clock.Advance(TimeSpan.FromSeconds(61));
        using var confirmed = await client.GetAsync(Url, cancellationToken: Stop);
        Assert.Equal((200, CacheOutcome.Revalidated, "one", "yes"), (confirmed.Status, confirmed.Cache, confirmed.Text, confirmed.Headers["X-New"]));
        Assert.Equal(("\"v1\"", "Mon, 23 Nov 2026 12:00:00 GMT"), (_server.Calls[1].Headers["If-None-Match"], _server.Calls[1].Headers["If-Modified-Since"]));
        _clock.Advance(TimeSpan.FromSeconds(500));
        Assert.Equal(CacheOutcome.Hit, (await GetAsync(client)).Outcome);
    }

    [Theory]
    [InlineData("no-store")]
    [InlineData("max-age=60, no-store")]
    [InlineData("max-age=0")]
    [InlineData("max-age=60, max-age=0")]
    [InlineData("max-age=oops")]
    [InlineData("no-cache")]
    [InlineData("no-cache=\"Set-Cookie, X\", max-age=60")]
    public async Task Answer_that_may_not_be_used_again_is_asked_for_again(string control)
    {
        _server.When("GET", Url).Reply(Answer("one", ("Cache-Control", control))).Reply(Answer("two", ("Cache-Control", control)));
        using var client = Client();
        await GetAsync(client);
        Assert.Equal((CacheOutcome.Miss, "two"), await GetAsync(client));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("0", false)]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT", false)]
    [InlineData("Tue, 24 Nov 2026 12:01:00 GMT", true)]
    [InlineData("Tuesday, 24-Nov-26 12:01:00 GMT", true)]
    public async Task Expires_holds_where_there_is_no_max_age(string? expires, bool isKept)
    {
        _server.When("GET", Url).Reply(expires is null ? Answer("one") : Answer("one", ("Expires", expires)));
        using var client = Client();
        await GetAsync(client);
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(isKept ? CacheOutcome.Hit : CacheOutcome.Miss, (await GetAsync(client)).Outcome);
    }

    [Fact]
    public async Task Without_a_word_about_it_a_tenth_of_the_time_since_the_last_change_is_fresh()
    {
        _server.When("GET", Url).Reply(Answer("one", ("Last-Modified", Now(-TimeSpan.FromSeconds(100)))));
        using var client = Client();
        await GetAsync(client);
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(CacheOutcome.Hit, (await GetAsync(client)).Outcome);
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(CacheOutcome.Miss, (await GetAsync(client)).Outcome);
    }

    [Fact]
    public async Task Answers_are_told_apart_by_Vary()
    {
        _server.When(call => call.Headers["Accept-Language"] == "de").Reply(Answer("deutsch", ("Cache-Control", "max-age=60"), ("Vary", "Accept-Language")));
        _server.When(call => call.Headers["Accept-Language"] == "en").Reply(Answer("english", ("Cache-Control", "max-age=60"), ("Vary", "Accept-Language")));
        using var client = Client();
        HeaderMap german = new() { ["Accept-Language"] = "de" }, english = new() { ["Accept-Language"] = "en" };
        await GetAsync(client, headers: german);
        Assert.Equal((CacheOutcome.Miss, "english"), await GetAsync(client, headers: english));
        Assert.Equal((CacheOutcome.Hit, "deutsch"), await GetAsync(client, headers: german));
        Assert.Equal((CacheOutcome.Hit, "english"), await GetAsync(client, headers: english));
    }

    [Fact]
    public async Task Answer_that_varies_by_everything_is_not_kept()
    {
        _server.When("GET", Url).Reply(Answer("one", ("Cache-Control", "max-age=60"), ("Vary", "*")));
        using var client = Client();
        await GetAsync(client);
        Assert.Equal(CacheOutcome.Miss, (await GetAsync(client)).Outcome);
    }

    [Fact]
    public async Task Answer_to_one_callers_credentials_is_never_given_to_another()
    {
        _server.When(call => call.Headers["Authorization"] == "Bearer alice").Reply(Answer("for alice", ("Cache-Control", "max-age=60")));
        _server.When(call => call.Headers["Authorization"] == "Bearer bob").Reply(Answer("for bob", ("Cache-Control", "max-age=60")));
        var cache = new HttpCache();
        using var client = Client(cache);
        HeaderMap alice = new() { ["Authorization"] = "Bearer alice" }, bob = new() { ["Authorization"] = "Bearer bob" };
        await GetAsync(client, headers: alice);
        Assert.Equal((CacheOutcome.Miss, "for bob"), await GetAsync(client, headers: bob));
        Assert.Equal((CacheOutcome.Hit, "for alice"), await GetAsync(client, headers: alice));
    }

    [Theory]
    [InlineData("POST", 200, CacheOutcome.Miss)]
    [InlineData("PUT", 204, CacheOutcome.Miss)]
    [InlineData("DELETE", 404, CacheOutcome.Hit)]
    [InlineData("HEAD", 200, CacheOutcome.Hit)]
    public async Task Request_that_changes_a_resource_drops_what_is_stored_of_it(string method, int status, CacheOutcome after)
    {
        _server.When("GET", Url).Reply(Answer("one", ("Cache-Control", "max-age=60")));
        _server.When(method, Url).Reply(status);
        using var client = Client();
        await GetAsync(client);
        (await client.SendAsync(new Request(method, Url), Stop)).Dispose();
        Assert.Equal(after, (await GetAsync(client)).Outcome);
    }

    [Fact]
    public async Task Change_drops_what_it_names_as_its_place_but_not_on_another_origin()
    {
        _server.When("GET", "*").Reply(Answer("one", ("Cache-Control", "max-age=60")));
        _server.When("POST", "*").Reply(new MockReply { Status = 201, Headers = new() { ["Location"] = "/b", ["Content-Location"] = "http://other.test/b" } });
        using var client = Client();
        await GetAsync(client, "http://service.test/b");
        await GetAsync(client, "http://other.test/b");
        (await client.PostAsync(Url, cancellationToken: Stop)).Dispose();
        Assert.Equal(CacheOutcome.Miss, (await GetAsync(client, "http://service.test/b")).Outcome);
        Assert.Equal(CacheOutcome.Hit, (await GetAsync(client, "http://other.test/b")).Outcome);
    }

    [Theory]
    [InlineData("no-cache", CacheOutcome.Miss)]
    [InlineData("no-store", CacheOutcome.None)]
    [InlineData("max-age=5", CacheOutcome.Miss)]
    [InlineData("max-age=50", CacheOutcome.Hit)]
    [InlineData("min-fresh=45", CacheOutcome.Miss)]
    [InlineData("min-fresh=5", CacheOutcome.Hit)]
    public async Task Request_says_how_fresh_its_answer_must_be(string control, CacheOutcome outcome)
    {
        _server.When("GET", Url).Reply(Answer("one", ("Cache-Control", "max-age=60")));
        using var client = Client();
        await GetAsync(client);
        _clock.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(outcome, (await GetAsync(client, headers: new() { ["Cache-Control"] = control })).Outcome);
    }

    [Theory]
    [InlineData("max-age=60", "max-stale", CacheOutcome.Stale)]
    [InlineData("max-age=60", "max-stale=30", CacheOutcome.Stale)]
    [InlineData("max-age=60", "max-stale=5", CacheOutcome.Miss)]
    [InlineData("max-age=60, must-revalidate", "max-stale", CacheOutcome.Miss)]
    public async Task Stale_answer_is_used_where_both_sides_allow(string stored, string asked, CacheOutcome outcome)
    {
        _server.When("GET", Url).Reply(Answer("one", ("Cache-Control", stored)));
        using var client = Client();
        await GetAsync(client);
        _clock.Advance(TimeSpan.FromSeconds(80));
        Assert.Equal(outcome, (await GetAsync(client, headers: new() { ["Cache-Control"] = asked })).Outcome);
    }

    [Fact]
    public async Task Only_if_cached_sends_nothing()
    {
        using var client = Client();
        using var response = await client.GetAsync(Url, new() { Headers = new() { ["Cache-Control"] = "only-if-cached" } }, Stop);
        Assert.Equal((504, 0), (response.Status, _server.Calls.Count));
    }

    [Fact]
    public async Task Stale_answer_stands_in_for_a_failing_server_as_long_as_it_was_allowed_to()
    {
        _server.When("GET", Url).Reply(Answer("one", ("Cache-Control", "max-age=10, stale-if-error=100"))).Reply(503).Reply(MockReply.Fail(ErrorCodes.TcpRefused));
        using var client = Client();
        await GetAsync(client);
        _clock.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal((CacheOutcome.Stale, "one"), await GetAsync(client));
        Assert.Equal((CacheOutcome.Stale, "one"), await GetAsync(client));
        _clock.Advance(TimeSpan.FromSeconds(61));
        await Assert.ThrowsAsync<ConnectionException>(() => client.GetAsync(Url, cancellationToken: Stop));
    }

    [Fact]
    public async Task Request_with_a_range_or_conditions_of_its_own_passes_by()
    {
        _server.When("GET", Url).Reply(Answer("one", ("Cache-Control", "max-age=60"), ("ETag", "\"v1\"")));
        using var client = Client();
        await GetAsync(client);
        Assert.Equal(CacheOutcome.None, (await GetAsync(client, headers: new() { ["Range"] = "bytes=0-1" })).Outcome);
        Assert.Equal(CacheOutcome.None, (await GetAsync(client, headers: new() { ["If-None-Match"] = "\"v0\"" })).Outcome);
    }

    [Fact]
    public async Task Body_that_was_cut_is_not_kept()
    {
        _server.When("GET", Url).Reply(Answer("only half", ("Cache-Control", "max-age=60")) with { ResetAfter = 4 }).Reply(Answer("whole", ("Cache-Control", "max-age=60")));
        using var client = Client();
        await Assert.ThrowsAnyAsync<NetworkException>(() => client.GetAsync(Url, cancellationToken: Stop));
        Assert.Equal((CacheOutcome.Miss, "whole"), await GetAsync(client));
    }

    [Fact]
    public async Task Body_that_was_streamed_only_in_part_is_not_kept_and_one_read_to_its_end_is()
    {
        _server.When("GET", Url).Reply(Answer("streamed", ("Cache-Control", "max-age=60")));
        using var client = Client();
        var buffer = new byte[4];
        using (var part = await client.StreamAsync(Url, cancellationToken: Stop))
            await part.OpenStream().ReadExactlyAsync(buffer, Stop);
        using (var whole = await client.StreamAsync(Url, cancellationToken: Stop))
        {
            Assert.Equal(CacheOutcome.Miss, whole.Cache);
            await whole.OpenStream().CopyToAsync(Stream.Null, Stop);
        }
        Assert.Equal((CacheOutcome.Hit, "streamed"), await GetAsync(client));
    }

    [Fact]
    public async Task Body_larger_than_an_entry_may_be_is_not_kept()
    {
        _server.When("GET", Url).Reply(Answer(new string('x', 101), ("Cache-Control", "max-age=60")));
        using var client = Client(new HttpCache(new HttpCacheOptions { EntryBytes = 100 }));
        await GetAsync(client);
        Assert.Equal(CacheOutcome.Miss, (await GetAsync(client)).Outcome);
    }

    [Fact]
    public async Task Memory_stays_within_its_limit_and_the_least_recently_used_goes_first()
    {
        _server.When("GET", "*").Reply(Answer(new string('x', 10_000), ("Cache-Control", "max-age=60")));
        var cache = new HttpCache(new HttpCacheOptions { MemoryBytes = 35_000 });
        using var client = Client(cache);
        foreach (var name in (string[])["1", "2", "3", "1", "4"])
            await GetAsync(client, "http://service.test/" + name);
        Assert.InRange(cache.Bytes, 30_000, 35_000);
        Assert.Equal(CacheOutcome.Hit, (await GetAsync(client, "http://service.test/1")).Outcome);
        Assert.Equal(CacheOutcome.Miss, (await GetAsync(client, "http://service.test/2")).Outcome);
    }

    [Fact]
    public async Task Coded_answer_is_kept_coded_and_decoded_each_time()
    {
        _server.When("GET", Url).Reply(Answer("", ("Cache-Control", "max-age=60"), ("Content-Encoding", "br")) with { Body = HostileEncodingTests.Encode("text"u8.ToArray(), "br") });
        using var client = Client();
        await GetAsync(client);
        Assert.Equal((CacheOutcome.Hit, "text"), await GetAsync(client));
    }
}

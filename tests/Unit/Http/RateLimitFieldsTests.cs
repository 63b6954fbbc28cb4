using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Http.Protocol;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Rate headers parsed (limit, remaining, reset; tokens and requests), in every dialect that servers speak.</summary>
public class RateLimitFieldsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static IReadOnlyList<RateLimitQuota> Read(params string[] fields)
    {
        var reader = new RateLimitFields(Now, null);
        foreach (var field in fields)
        {
            var (name, value) = field.Split(':', 2) is [var before, var after] ? (before, after) : (field, "");
            Assert.True(RateLimitFields.IsOne(name, out var rest), field);
            reader.Add(rest, value);
        }
        return reader.Quotas.ToArray();
    }

    private static RateLimitQuota Quota(string name, RateLimitUnit unit, long? limit, long? remaining, double? reset, double? window = null) => new(
        name, unit, limit, remaining, reset is { } seconds ? Now.AddSeconds(seconds) : null, window is { } length ? TimeSpan.FromSeconds(length) : null);

    [Fact]
    public void Draft_fields_name_each_quota() => Assert.Equal(
        [Quota("burst", RateLimitUnit.Requests, 100, 50, 30, 60), Quota("daily", RateLimitUnit.Requests, 1000, 999, 40000, 86400), Quota("bytes", RateLimitUnit.Other, 5000, null, null, 10)],
        Read("RateLimit-Policy: \"burst\";q=100;w=60, \"daily\" ; q=1000; w=86400;pk=:c29tZQ==:,\"bytes\";q=5000;w=10;qu=\"content-bytes\"",
            "RateLimit: \"burst\";r=50;t=30,\"daily\";r=999;t=40000"));

    [Fact]
    public void Draft_seven_and_before_are_read() => Assert.All(
        (string[][])
        [
            ["RateLimit: limit=100, remaining=50, reset=5", "RateLimit-Policy: 100;w=60"],
            ["RateLimit-Policy: 100;w=60;comment=\"a, b\"", "RateLimit-Limit: 100", "RateLimit-Remaining: 50", "RateLimit-Reset: 5"],
            ["ratelimit-limit: 100, 100;w=60", "ratelimit-remaining: 50", "ratelimit-reset: 5"],
        ],
        fields => Assert.Equal([Quota("default", RateLimitUnit.Requests, 100, 50, 5, 60)], Read(fields)));

    [Fact]
    public void Github_counts_until_a_date_and_names_the_resource() => Assert.Equal(
        [Quota("core", RateLimitUnit.Requests, 5000, 4987, 90)],
        Read("X-RateLimit-Limit: 5000", "X-RateLimit-Remaining: 4987", $"X-RateLimit-Reset: {Now.AddSeconds(90).ToUnixTimeSeconds()}", "X-RateLimit-Used: 13", "X-RateLimit-Resource: core"));

    [Fact]
    public void Openai_counts_requests_and_tokens() => Assert.Equal(
        [Quota("requests", RateLimitUnit.Requests, 60, 59, 1), Quota("tokens", RateLimitUnit.Tokens, 150000, 149984, 360)],
        Read("x-ratelimit-limit-requests: 60", "x-ratelimit-limit-tokens: 150000", "x-ratelimit-remaining-requests: 59", "x-ratelimit-remaining-tokens: 149984",
            "x-ratelimit-reset-requests: 1s", "x-ratelimit-reset-tokens: 6m0s"));

    [Fact]
    public void Anthropic_counts_input_and_output_tokens_until_a_date() => Assert.Equal(
        [
            Quota("requests", RateLimitUnit.Requests, 50, 49, 1), Quota("input-tokens", RateLimitUnit.Tokens, 40000, 39000, 2),
            Quota("output-tokens", RateLimitUnit.Tokens, 8000, 0, 3),
        ],
        Read("anthropic-ratelimit-requests-limit: 50", "anthropic-ratelimit-requests-remaining: 49", "anthropic-ratelimit-requests-reset: 2026-01-01T12:00:01Z",
            "anthropic-ratelimit-input-tokens-limit: 40000", "anthropic-ratelimit-input-tokens-remaining: 39000", "anthropic-ratelimit-input-tokens-reset: 2026-01-01T12:00:02+00:00",
            "anthropic-ratelimit-output-tokens-limit: 8000", "anthropic-ratelimit-output-tokens-remaining: 0", "anthropic-ratelimit-output-tokens-reset: 2026-01-01T13:00:03+01:00"));

    [Fact]
    public void A_quota_may_be_named_by_its_window() => Assert.Equal(
        [Quota("minute", RateLimitUnit.Requests, 20, 19, null, 60)], Read("X-RateLimit-Limit-Minute: 20", "X-RateLimit-Remaining-Minute: 19"));

    [Theory]
    [InlineData("30", 30.0)]
    [InlineData("1.5", 1.5)]
    [InlineData("0", 0.0)]
    [InlineData("120ms", 0.12)]
    [InlineData("1h2m3.5s", 3723.5)]
    [InlineData("1767268830", 30.0)]
    [InlineData("1767268830000", 30.0)]
    [InlineData("Thu, 01 Jan 2026 12:00:30 GMT", 30.0)]
    [InlineData("2025-12-31T00:00:00Z", 0.0)]
    [InlineData("1", 1.0)]
    [InlineData("999999999", 31536000.0)]
    [InlineData("99999999999999999999999999999", 31536000.0)]
    [InlineData("9e9", null)]
    [InlineData("-1", null)]
    [InlineData("soon", null)]
    [InlineData("1x", null)]
    [InlineData("NaN", null)]
    [InlineData("", null)]
    [InlineData("2026-13-41T00:00:00Z", null)]
    public void A_reset_is_read_in_each_of_its_forms_and_bounded(string text, double? seconds) =>
        Assert.Equal(seconds, Read("x-ratelimit-limit: 1", $"x-ratelimit-reset: {text}")[0].ResetsAt is { } at ? (at - Now).TotalSeconds : null);

    [Theory]
    [InlineData("99999999999999999999999", 1_000_000_000_000_000L)]
    [InlineData("10.7", 10L)]
    [InlineData("-1", null)]
    [InlineData("ten", null)]
    [InlineData("10x", null)]
    [InlineData("", null)]
    public void A_count_is_bounded(string text, long? count) => Assert.Equal(count, Read("x-ratelimit-remaining: 1", $"x-ratelimit-limit: {text}")[0].Limit);

    [Fact]
    public void A_hostile_field_gives_a_bounded_number_of_quotas()
    {
        Assert.Equal(16, Read("RateLimit: " + string.Concat(Enumerable.Range(0, 2000).Select(i => $"\"{i}\";r=1;t=1,"))).Count);
        Assert.Empty(Read("RateLimit: \"" + new string('x', 100_000)));
        Assert.Empty(Read($"x-ratelimit-limit-{new string('x', 65)}: 1"));
        Assert.Empty(Read("RateLimit: ;;;,,,=\"\\"));
    }

    [Fact]
    public async Task A_response_shows_what_the_server_says_of_its_limits_counted_from_its_arrival()
    {
        var clock = new FakeTimeProvider(Now);
        var server = new MockTransport(clock);
        server.When("GET", "*").Reply(new MockReply
        {
            Headers = new() { ["RateLimit"] = "\"a\";r=1;t=10", ["x-ratelimit-reset"] = "1767268830", ["Date"] = "Thu, 01 Jan 2026 12:00:10 GMT", ["retry-after-ms"] = "1500", ["x-should-retry"] = "false" },
        });
        using var client = new HTTPClient(new HTTPClientOptions { MessageHandler = server, Clock = clock });
        using var response = await client.GetAsync("http://api.test/", cancellationToken: TestContext.Current.CancellationToken);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([Quota("a", RateLimitUnit.Requests, null, 1, 10), Quota("default", RateLimitUnit.Requests, null, null, 20)], response.RateLimits.Quotas);
        Assert.Equal((TimeSpan.FromSeconds(1.5), false), (response.RateLimits.RetryAfter, response.RateLimits.ShouldRetry));
        Assert.Same(response.RateLimits, response.RateLimits);
    }
}

using System.Text.Json.Serialization;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Retries that multiply an outage, and values of a peer that choose more than they should.</summary>
public partial class CveResilienceTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(10)]
    [Trait("Cve", "31")]
    public async Task A_thousand_requests_to_a_host_that_always_fails_cost_at_most_a_fifth_more(int retries)
    {
        await using var server = LoopbackServer.Start(new LoopbackServerOptions { RecordedRequests = 0 });
        var served = 0;
        server.Map("GET", "/", exchange =>
        {
            Interlocked.Increment(ref served);
            return exchange.RespondAsync(503);
        });
        using var client = new HTTPClient(RawAnswer.Options with { Retry = new RetryOptions { Retries = retries, BaseDelay = TimeSpan.Zero, MaxDelay = TimeSpan.Zero } });
        await Parallel.ForEachAsync(Enumerable.Range(0, 1000), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, stop) =>
        {
            using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: stop);
            Assert.Equal(503, response.Status);
        });
        Assert.InRange(served, 1001, 1200);
    }

    [Fact]
    [Trait("Cve", "31")]
    public async Task Host_that_fails_does_not_use_up_the_retries_of_another()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        await using var other = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Retry = new RetryOptions { BaseDelay = TimeSpan.Zero, BudgetReserve = 1, BudgetRatio = 0 } });
        for (var i = 0; i < 3; i++)
            (await client.GetAsync(server.Url + "status/503", cancellationToken: TestContext.Current.CancellationToken)).Dispose();
        Assert.Equal(4, server.Requests.Count);
        using var response = await client.GetAsync(other.Url + "flaky/k/1", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((200, 2), (response.Status, other.Requests.Count));
    }

    [Fact]
    [Trait("Cve", "19")]
    public async Task Field_or_property_that_names_a_type_is_text_and_nothing_else()
    {
        await using var server = RawAnswer.ThenClose(RawAnswer.With(
            "{\"$type\":\"System.IO.FileInfo, System.Private.CoreLib\",\"name\":\"x\"}"u8.ToArray(), "X-Type: System.IO.FileInfo\r\nContent-Type: application/json\r\n"));
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("x", response.Json(TypeJson.Default.Named)!.Name);
        Assert.IsType<System.Text.Json.JsonElement>(response.Json<object>());
        Assert.Equal("System.IO.FileInfo", response.Headers["X-Type"]);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{\"a\":")]
    [Trait("Cve", "59")]
    public async Task Deep_json_is_an_error_and_no_overflow(string open)
    {
        await using var server = RawAnswer.ThenClose(RawAnswer.With(RawAnswer.Latin1(string.Concat(Enumerable.Repeat(open, 100_000)))));
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(ErrorCodes.HttpDecode, Assert.Throws<HTTPException>(() => response.Json()).Code);
        Assert.Equal(ErrorCodes.HttpDecode, Assert.Throws<HTTPException>(() => response.Json(TypeJson.Default.Named)).Code);
    }

    internal sealed record Named(string Name);

    [JsonSerializable(typeof(Named))]
    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    private sealed partial class TypeJson : JsonSerializerContext;
}

using System.Threading.RateLimiting;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Polly;
using Polly.CircuitBreaker;
using Polly.Hedging;

namespace Codomyrmex.Networking.Benchmarks.Resilience;

/// <summary>Our client with each guard off and on, and the platform's invoker with each of Polly's strategies, over the same handler.</summary>
internal static class Subjects
{
    public const string Ours = "ours";
    public const string OursLimits = "ours, limits stated";
    public const string Bare = "HttpMessageInvoker";

    private const string Url = "http://api.test/v1/items";

    public static IReadOnlyList<Subject> Make(bool isLate)
    {
        var limits = new HostLimitOptions { RequestsPerSecond = 1e8, Burst = 1_000_000, Concurrency = 100 };
        return
        [
            Own(Ours, null, isLate, false, options => options),
            Own("limiter: rate and bulkhead", Ours, isLate, false, options => options with { HostLimits = limits }),
            Own("circuit breaker", Ours, isLate, false, options => options with { CircuitBreaker = new CircuitBreakerOptions() }),
            Own("hedging", Ours, isLate, false, options => options with { Hedging = new HedgingOptions() }),
            Own("all three", Ours, isLate, false, options => options with { HostLimits = limits, CircuitBreaker = new CircuitBreakerOptions(), Hedging = new HedgingOptions() }),
            Own("cache: passed through, not to be stored", Ours, isLate, false, options => options with { Cache = new HttpCache() }),
            Own("cache: answered from memory", Ours, isLate, false, options => options with { Cache = new HttpCache() }, cacheControl: "max-age=1000000000"),
            Own(OursLimits, null, isLate, true, options => options),
            Own("limiter that learns from six fields", OursLimits, isLate, true, options => options with { HostLimits = limits }),
            Polly(Bare, null, isLate, null),
            Polly("Polly: rate limiter and concurrency limiter", Bare, isLate, builder => builder
                .AddRateLimiter(Bucket()).AddConcurrencyLimiter(100, 1000)),
            Polly("Polly: circuit breaker", Bare, isLate, builder => builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage> { ShouldHandle = Handled })),
            Polly("Polly: hedging", Bare, isLate, builder => builder.AddHedging(new HedgingStrategyOptions<HttpResponseMessage> { MaxHedgedAttempts = 1, Delay = TimeSpan.FromSeconds(1), ShouldHandle = args => Handled(args.Outcome) })),
            Polly("Polly: all three", Bare, isLate, builder => builder
                .AddRateLimiter(Bucket()).AddConcurrencyLimiter(100, 1000)
                .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage> { ShouldHandle = Handled })
                .AddHedging(new HedgingStrategyOptions<HttpResponseMessage> { MaxHedgedAttempts = 1, Delay = TimeSpan.FromSeconds(1), ShouldHandle = args => Handled(args.Outcome) })),
        ];
    }

    private static Subject Own(
        string name, string? @base, bool isLate, bool statesLimits, Func<HTTPClientOptions, HTTPClientOptions> change, string cacheControl = "no-store")
    {
        var client = new HTTPClient(change(new HTTPClientOptions { MessageHandler = new InstantHandler(isLate, statesLimits, cacheControl) }));
        return new Subject(name, @base, async () => (await client.GetAsync(Url)).Dispose());
    }

    private static Subject Polly(string name, string? @base, bool isLate, Action<ResiliencePipelineBuilder<HttpResponseMessage>>? add)
    {
        var invoker = new HttpMessageInvoker(new InstantHandler(isLate, statesLimits: false));
        var uri = new Uri(Url);
        if (add is null)
            return new Subject(name, @base, async () => (await invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, uri), CancellationToken.None)).Dispose());
        var builder = new ResiliencePipelineBuilder<HttpResponseMessage>();
        add(builder);
        var pipeline = builder.Build();
        // The way with the least garbage: pooled contexts, the state passed, no closure.
        return new Subject(name, @base, async () =>
        {
            var context = ResilienceContextPool.Shared.Get();
            var message = await pipeline.ExecuteAsync(
                static (context, state) => new ValueTask<HttpResponseMessage>(state.invoker.SendAsync(new HttpRequestMessage(HttpMethod.Get, state.uri), context.CancellationToken)),
                context, (invoker, uri));
            ResilienceContextPool.Shared.Return(context);
            message.Dispose();
        });
    }

    private static ValueTask<bool> Handled(CircuitBreakerPredicateArguments<HttpResponseMessage> args) => Handled(args.Outcome);

    private static ValueTask<bool> Handled(Outcome<HttpResponseMessage> outcome) =>
        new(outcome.Exception is HttpRequestException || (int?)outcome.Result?.StatusCode >= 500);

    private static TokenBucketRateLimiter Bucket() => new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = 100_000_000,
        TokensPerPeriod = 100_000_000,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1),
        QueueLimit = 1000,
    });
}

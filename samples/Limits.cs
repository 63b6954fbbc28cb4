using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;

namespace Codomyrmex.Networking.Samples;

/// <summary>Asking no more of a host than it can take, and of a task no more than it may cost.</summary>
public static class Limits
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // sample: limits
        await using var client = new HTTPClient(new HTTPClientOptions
        {
            BaseUrl = server.ToString(),
            HostLimits = new HostLimitOptions { RequestsPerSecond = 50, Burst = 10, Concurrency = 8, MaxWait = TimeSpan.FromSeconds(2) },
            CircuitBreaker = new CircuitBreakerOptions { FailureRatio = 0.5, BreakFor = TimeSpan.FromSeconds(15) },
            Hedging = new HedgingOptions { Delay = TimeSpan.FromMilliseconds(500) },
            AutoIdempotencyKeys = true,
        });

        var urgent = new RequestOptions { Priority = 10, TokenCost = 1200 };
        using var answer = await client.PostAsync("post", RequestBody.Text("summarise this"), urgent, ct);
        foreach (var quota in answer.RateLimits.Quotas)
            await output.WriteLineAsync($"{quota.Name}: {quota.Remaining} of {quota.Limit} {quota.Unit} until {quota.ResetsAt}");

        using var busy = await client.GetAsync("status/429?retry_after=600", new() { Retry = RetryOptions.None }, ct);
        try
        {
            await client.GetAsync("get", cancellationToken: ct);
        }
        catch (RateLimitException error)
        {
            await output.WriteLineAsync($"{error.Code}, sent: {error.WasSent}; come back in {error.RetryAfter?.TotalMinutes:0} minutes");
        }
        // end

        // sample: budget
        var budget = new NetworkBudget(requests: 20, bytes: 1_000_000, connections: 4, time: TimeSpan.FromSeconds(30));
        await using var crawler = HTTPClient.Create();
        try
        {
            while (true)
                (await crawler.GetAsync($"{server}bytes/100000", new() { Budget = budget }, ct)).Dispose();
        }
        catch (NetworkException error) when (error.Code.StartsWith("budget.", StringComparison.Ordinal))
        {
            await output.WriteLineAsync($"{error.Code}: {budget}");
        }
        // end
    }
}

using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The steps about services of clouds.</summary>
internal static class DemoCloud
{
    private const string Chapter = "cloud at work";

    private static readonly HTTPClientOptions Options = HTTPProfiles.Cloud with { Retry = HTTPProfiles.Cloud.Retry with { BaseDelay = TimeSpan.FromMilliseconds(1) } };

    public static DemoStep[] Steps() =>
    [
        new(Chapter, "try again when the body says that the service is busy", RetryAsync),
        new(Chapter, "wait for an operation that goes on", WaitAsync),
        new(Chapter, "send once, though the answer is lost and the process begins anew", DeliverAsync),
    ];

    private static async Task<string> RetryAsync(CancellationToken cancellationToken)
    {
        await using var service = LoopbackServer.Start();
        var busy = 2;
        service.Map("GET", "/", exchange => Interlocked.Decrement(ref busy) >= 0
            ? exchange.RespondAsync(400, """{"__type":"ThrottlingException"}""", "application/json")
            : exchange.RespondAsync(200));
        await using var client = new HTTPClient(Options);
        using var response = await client.GetAsync(service.Url.ToString(), cancellationToken: cancellationToken);
        DemoFailure.Unless(response is { Status: 200, Attempts.Count: 3 }, $"{response.Status} after {response.Attempts.Count} attempts");
        return "200 after two times 400 with ThrottlingException";
    }

    private static async Task<string> WaitAsync(CancellationToken cancellationToken)
    {
        await using var service = LoopbackServer.Start();
        var asked = 0;
        service.Map("PUT", "/disk", exchange => exchange.RespondAsync(202, headers: [new("Operation-Location", "/operations/1"), new("retry-after-ms", "2")]));
        service.Map("GET", "/operations/1", exchange => exchange.RespondAsync(200, asked++ < 2 ? """{"status":"Running"}""" : """{"status":"Succeeded"}""", "application/json", [new("retry-after-ms", "2")]));
        service.Map("GET", "/disk", exchange => exchange.RespondAsync(200, "made"));
        await using var client = new HTTPClient(Options with { BaseUrl = service.Url.ToString() });
        using var disk = await client.RunToEndAsync(new Request("PUT", "disk"), cancellationToken: cancellationToken);
        DemoFailure.Unless(disk.Text == "made" && asked == 3, $"'{disk.Text}' after {asked} questions");
        return $"{asked} questions, then the resource itself";
    }

    private static async Task<string> DeliverAsync(CancellationToken cancellationToken)
    {
        var effects = new HashSet<string?>();
        var sent = 0;
        await using var service = LoopbackServer.Start();
        service.Map("POST", "/orders", async exchange =>
        {
            sent++;
            if (effects.Add(exchange.Headers["Idempotency-Key"]))
                exchange.Abort(reset: true);
            else
                await exchange.RespondAsync(201);
        });
        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await using var client = new HTTPClient(Options with { Retry = RetryOptions.None });
        try
        {
            using (var before = Outbox.Open(file, client))
                await DemoFailure.CatchAsync<ConnectionException>(before.SendAsync(new Request("POST", $"{service.Url}orders") { Body = RequestBody.Text("12 bolts") }, cancellationToken), ErrorCodes.TcpReset);
            using var after = Outbox.Open(file, client);
            await foreach (var delivery in after.DeliverAsync(cancellationToken))
            {
                DemoFailure.Unless(delivery.Outcome == OutboxOutcome.Delivered, $"{delivery.Outcome}");
                delivery.Response?.Dispose();
            }
            DemoFailure.Unless(effects.Count == 1 && sent == 2 && after.Count == 0, $"{effects.Count} effects of {sent} requests, {after.Count} wait");
            return "sent twice with one key: one effect, and nothing waits";
        }
        finally
        {
            File.Delete(file);
        }
    }
}

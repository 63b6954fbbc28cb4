using System.Globalization;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;

// FILE URL FIRST LAST: delivers what waits in the outbox, then sends the orders from FIRST to LAST through it. Says "added N" when one is safe, and "done" at the end.
var (file, url, first, last) = (args[0], args[1], int.Parse(args[2], CultureInfo.InvariantCulture), int.Parse(args[3], CultureInfo.InvariantCulture));
await using var client = new HTTPClient(HTTPProfiles.Cloud with { Retry = RetryOptions.None });
using var outbox = Outbox.Open(file, client);
await EmptyAsync();
for (var number = first; number <= last; number++)
{
    var order = new Request("POST", url) { Body = RequestBody.Text($"order {number}"), Options = new RequestOptions { IdempotencyKey = $"order-{number}" } };
    await outbox.AddAsync(order);
    Console.WriteLine($"added {number}");
    await EmptyAsync();
}
Console.WriteLine("done");

async Task EmptyAsync()
{
    while (outbox.Count > 0)
    {
        await foreach (var delivery in outbox.DeliverAsync())
            delivery.Response?.Dispose();
    }
}

using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Samples;

/// <summary>Services of clouds: signed requests, operations that go on after the answer, and requests that survive a crash.</summary>
public static class Operations
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        var polls = 0;
        await using var service = LoopbackServer.Start();
        service.Map("PUT", "/disks/1", exchange => exchange.RespondAsync(202, headers: [new("Operation-Location", "/operations/7"), new("retry-after-ms", "5")]));
        service.Map("GET", "/operations/7", exchange => exchange.RespondAsync(200, $$"""{"status":"{{(polls++ < 2 ? "Running" : "Succeeded")}}","percentComplete":{{polls * 33}}}""", "application/json", [new("retry-after-ms", "5")]));
        service.Map("GET", "/disks/1", exchange => exchange.RespondAsync(200, """{"name":"disk 1"}""", "application/json"));
        service.Map("POST", "/orders", exchange => exchange.RespondAsync(201));
        var (url, key, file) = (service.Url.ToString(), Convert.ToBase64String(new byte[64]), Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()));
        // sample: operation
        await using var client = new HTTPClient(HTTPProfiles.Cloud with
        {
            BaseUrl = url,
            Credential = Credential.AzureSharedKey(new AzureSharedKeyOptions { Account = "account1", Key = key }),
        });
        var waiting = new LongRunningOptions
        {
            Timeout = TimeSpan.FromMinutes(20),
            Progress = new Progress<LongRunningProgress>(told => output.WriteLine($"{told.Status} {told.PercentComplete} % at {told.Monitor}")),
        };
        using var disk = await client.RunToEndAsync(new Request("PUT", "disks/1") { Body = RequestBody.Text("{}", "application/json") }, waiting, ct);
        await output.WriteLineAsync($"made {disk.Json().GetProperty("name")}");
        // end

        // sample: outbox
        using (var outbox = Outbox.Open(file, client))
        {
            var order = new Request("POST", "orders") { Body = RequestBody.Text("12 bolts") };
            await outbox.AddAsync(order, ct); // on the disk from here on, with its Idempotency-Key

            await foreach (var delivery in outbox.DeliverAsync(ct)) // what an earlier process left behind too
            {
                await output.WriteLineAsync($"{delivery.Entry.Method} {delivery.Entry.Url}: {delivery.Outcome}, {outbox.Count} wait");
                delivery.Response?.Dispose();
            }
        }
        // end
        File.Delete(file);
    }
}

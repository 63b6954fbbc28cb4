using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Samples;

/// <summary>Acting for somebody: one budget of time for several calls, and knowing whether a failed one may be repeated.</summary>
public static class Agents
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // sample: budget
        await using var client = HTTPClient.Create();
        var budget = Deadline.After(TimeSpan.FromSeconds(5));

        var task = new RequestOptions { Deadline = budget, IdempotencyKey = "task-42" };
        using var accepted = await client.PostAsync($"{server}post", json: new { task = "summarise" }, task, ct);
        await output.WriteLineAsync($"{accepted.Status}, {budget.Remaining.TotalSeconds:0} s left");

        try
        {
            await client.PostAsync($"{server}delay/60", json: new { task = "pay" }, new() { Deadline = Deadline.After(TimeSpan.FromMilliseconds(200)) }, ct);
        }
        catch (NetworkException error)
        {
            var advice = error.WasSent == WasSent.Never ? "repeat it" : "ask the peer what became of it";
            await output.WriteLineAsync($"{error.Code} in {error.Phase}, sent: {error.WasSent}; {advice}");
        }
        // end
    }
}

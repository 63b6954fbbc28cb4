using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Samples;

/// <summary>Tests without a network and without waiting: answers from memory, a clock that is moved by hand.</summary>
public static class Mocks
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // sample: mock
        var mock = new MockTransport();
        mock.When("GET", "https://api.test/orders/*").Reply(503).Reply(200, """{"id":7}""");
        mock.When("POST", "/orders").Reply(MockReply.Fail(ErrorCodes.TcpRefused));

        await using var client = new HTTPClient(new HTTPClientOptions
        {
            MessageHandler = mock,
            BaseUrl = "https://api.test/",
            Retry = RetryOptions.Default with { BaseDelay = TimeSpan.Zero },
        });
        using var order = await client.GetAsync("orders/7", cancellationToken: ct);
        await output.WriteLineAsync($"{order.Json()} after {order.Attempts.Count} attempts: {string.Join(", ", mock.Calls)}");
        // end

        // sample: time
        var clock = new FakeTimeProvider();
        var slow = new MockTransport(clock);
        slow.When("GET", "*").Reply(MockReply.Text(200, "late") with { Delay = TimeSpan.FromHours(1) });
        await using var patient = new HTTPClient(new HTTPClientOptions { MessageHandler = slow, Clock = clock });

        var call = patient.GetAsync("https://api.test/", cancellationToken: ct);
        while (!call.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        try
        {
            await call;
        }
        catch (NetworkTimeoutException error)
        {
            await output.WriteLineAsync($"{error.Code}, and no time has passed");
        }
        // end
    }
}

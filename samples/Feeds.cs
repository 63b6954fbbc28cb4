using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Samples;

/// <summary>An agent's feed that survives its connection: a fresh token for each, the subscription again, and what was missed.</summary>
public static class Feeds
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // sample: server
        await using var lab = WebSocketServer.Start(async (connection, stop) =>
            {
                var asked = await connection.ReceiveAsync(stop);
                for (var number = int.Parse(asked!.Text); number <= 6; number++)
                    await connection.SendTextAsync($"{number}", stop);
                await connection.ReceiveAsync(stop);
            })
            .Inject(WebSocketFault.Reset() with { AfterSent = 3, Connection = 1 });
        // end

        // sample: reconnect
        var (next, tokens) = (1, 0);
        await using var feed = await WebSocketClient.ConnectAsync($"{lab.Url}", new WebSocketOptions
        {
            Reconnect = new WebSocketReconnect { Delay = TimeSpan.FromMilliseconds(10) },
            Prepare = (request, _) => new(request with { Headers = new() { ["Authorization"] = $"Bearer token-{++tokens}" } }),
            OnConnected = async (connection, stop) =>
            {
                if (connection.Gap is { } gap)
                    await output.WriteLineAsync($"again after {gap.Cause?.Code}, {gap.MessagesReceived} messages in");
                await connection.SendAsync($"{next}", stop);
            },
        }, ct);

        while (next <= 6 && await feed.ReceiveAsync(ct) is { } message)
            next = int.Parse(message.Text) + 1;
        await output.WriteLineAsync($"up to {next - 1}; tokens: {string.Join(", ", lab.Handshakes.Select(handshake => handshake.Headers["Authorization"]))}");
        // end

        // sample: errors
        try
        {
            await WebSocketClient.ConnectAsync($"{lab.Url.Scheme}://{server.Authority}/status/403", cancellationToken: ct);
        }
        catch (WebSocketException error)
        {
            await output.WriteLineAsync($"{error.Code} {error.Status}: {error.Message} {error.Hint}");
        }
        // end
    }
}

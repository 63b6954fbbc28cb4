using System.Text;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Rpc;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>
/// The protocol over HTTP (Streamable HTTP), on this machine only: a request a POST, its answer as JSON or, where the client wants to know how far it is, as a stream of events. A client that
/// hangs up gives its request up.
/// </summary>
internal static class McpHttp
{
    private const int LongestMessage = 8 * 1024 * 1024;

    /// <summary>Calls at a time; others wait.</summary>
    private const int MostCalls = 32;

    public static async Task RunAsync(Invocation run, RpcMethods methods, int port)
    {
        await using var server = LoopbackServer.Start(new LoopbackServerOptions { Port = port, RecordedRequests = 0 });
        var gate = new McpGate(server.Port, run.Context.Environment("CODONET_MCP_TOKEN"));
        using var calls = new SemaphoreSlim(MostCalls);
        server.Map("POST", "/mcp", exchange => AnswerAsync(exchange, gate, calls, methods));
        if (run.IsJson)
            JsonOutput.Write(run.Context.Out, writer => writer.WriteString("url", $"{server.Url}mcp"));
        else if (!run.IsQuiet)
            run.Error.Line($"serving {server.Url}mcp, on this machine only; Ctrl-C ends it").Flush();
        await Task.Delay(Timeout.Infinite, run.Context.Interrupted);
    }

    private static async Task AnswerAsync(LoopbackExchange exchange, McpGate gate, SemaphoreSlim calls, RpcMethods methods)
    {
        if (gate.Refusal(exchange) is { } refusal)
        {
            await exchange.RespondAsync(refusal.Status, refusal.Why + "\n");
            return;
        }
        await calls.WaitAsync(exchange.Aborted);
        try
        {
            await AnswerAsync(exchange, methods);
        }
        finally
        {
            calls.Release();
        }
    }

    private static async Task AnswerAsync(LoopbackExchange exchange, RpcMethods methods)
    {
        var message = await exchange.ReadBodyAsync(LongestMessage, exchange.Aborted);
        var head = McpHead.Read(message);
        if (head.Mismatch(exchange.Headers) is { } mismatch)
        {
            await RespondAsync(exchange, 400, mismatch);
            return;
        }
        using var left = CancellationTokenSource.CreateLinkedTokenSource(exchange.Aborted);
        var leaving = WatchAsync(exchange, left);
        try
        {
            if (head.WantsProgress && Accepts(exchange, "text/event-stream"))
                await StreamAsync(exchange, methods, message, left.Token);
            else if (await methods.AnswerAsync(message, RpcPeer.Unknown, static (_, _) => Task.CompletedTask, left.Token) is { } answer)
                await RespondAsync(exchange, head.Status(answer.Span), answer);
            else
                await exchange.RespondAsync(202);
        }
        catch (OperationCanceledException) when (left.IsCancellationRequested)
        {
            exchange.Abort();
        }
        finally
        {
            await left.CancelAsync();
            await leaving;
        }
    }

    private static async Task StreamAsync(LoopbackExchange exchange, RpcMethods methods, byte[] message, CancellationToken cancellationToken)
    {
        var events = await exchange.StartAsync(200, [new("Content-Type", "text/event-stream"), new("Cache-Control", "no-store"), new("X-Accel-Buffering", "no")], cancellationToken: cancellationToken);
        using var sending = new SemaphoreSlim(1, 1);
        if (await methods.AnswerAsync(message, RpcPeer.Unknown, SendAsync, cancellationToken) is { } answer)
            await SendAsync(answer, cancellationToken);
        await events.DisposeAsync();

        async Task SendAsync(ReadOnlyMemory<byte> json, CancellationToken stop)
        {
            await sending.WaitAsync(stop);
            try
            {
                // JSON of ours is on one line.
                await events.WriteAsync(Encoding.UTF8.GetBytes($"event: message\ndata: {Encoding.UTF8.GetString(json.Span)}\n\n"), stop);
            }
            finally
            {
                sending.Release();
            }
        }
    }

    private static async Task WatchAsync(LoopbackExchange exchange, CancellationTokenSource left)
    {
        try
        {
            await exchange.WaitForLeaveAsync(left.Token);
            await left.CancelAsync();
        }
        catch (Exception over) when (over is OperationCanceledException or ObjectDisposedException)
        {
            // It was answered.
        }
    }

    private static Task RespondAsync(LoopbackExchange exchange, int status, ReadOnlyMemory<byte> json) =>
        exchange.RespondAsync(status, json, "application/json", [new("Cache-Control", "no-store")]);

    private static bool Accepts(LoopbackExchange exchange, string type) => exchange.Headers["Accept"]?.Contains(type, StringComparison.OrdinalIgnoreCase) == true;
}

using System.Text.Json.Serialization;
using Codomyrmex.Networking.Rpc;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Samples;

/// <summary>Two agents that call each other over one connection.</summary>
public static partial class Rpc
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // The other agent: it asks back, and answers with what it was told.
        await using var agent = WebSocketServer.Start(async (connection, stop) =>
        {
            await connection.ReceiveAsync(stop);
            await connection.SendTextAsync("""{"jsonrpc":"2.0","id":"q1","method":"budget","params":{"currency":"EUR"}}""", stop);
            await connection.ReceiveAsync(stop);
            await connection.SendTextAsync("""{"jsonrpc":"2.0","id":1,"result":{"id":"task-42","state":"accepted"}}""", stop);
            await connection.ReceiveAsync(stop);
            await connection.SendTextAsync("""{"jsonrpc":"2.0","id":2,"error":{"code":4002,"message":"the budget is spent"}}""", stop);
            await connection.ReceiveAsync(stop);
        });

        // sample: call
        var methods = new RpcMethods().Add("budget", AgentJson.Default.Question, AgentJson.Default.Int32, (question, _) => Task.FromResult(100));

        var socket = await WebSocketClient.ConnectAsync($"{agent.Url}", cancellationToken: ct);
        await using var rpc = RpcConnection.Over(socket, new RpcOptions { Methods = methods, CallTimeout = TimeSpan.FromSeconds(10) });

        var accepted = await rpc.CallAsync("task.begin", new Job("summarise"), AgentJson.Default.Job, AgentJson.Default.Accepted, ct);
        await output.WriteLineAsync($"{accepted!.Id}: {accepted.State}");
        // end

        // sample: error
        try
        {
            await rpc.CallAsync("task.begin", new Job("translate"), AgentJson.Default.Job, AgentJson.Default.Accepted, ct);
        }
        catch (RpcException error)
        {
            await output.WriteLineAsync($"{error.Code} {error.RemoteCode}, sent: {error.WasSent}: {error.Message}");
        }
        // end
    }

    private sealed record Job(string What);

    private sealed record Accepted(string Id, string State);

    private sealed record Question(string Currency);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Job)), JsonSerializable(typeof(Accepted)), JsonSerializable(typeof(Question)), JsonSerializable(typeof(int))]
    private sealed partial class AgentJson : JsonSerializerContext;
}

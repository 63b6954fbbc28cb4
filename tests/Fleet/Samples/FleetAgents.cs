using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Codomyrmex.Networking.Fleet;
using Codomyrmex.Networking.Rpc;

namespace Codomyrmex.Networking.Tests.Fleet.Samples;

/// <summary>Agents of a fleet, served under a name and called by it.</summary>
public static class FleetAgents
{
    /// <summary>Serves an agent on one side, and calls it from the other.</summary>
    /// <param name="node">A machine of the fleet.</param>
    /// <param name="fleet">The fleet, as any other program sees it.</param>
    /// <param name="output">Where to write.</param>
    /// <param name="ct">Ends it.</param>
    public static async Task RunAsync(FleetNode node, FleetClient fleet, TextWriter output, CancellationToken ct)
    {
        // sample: serve
        var methods = new RpcMethods()
            .Add("count", Words.Default.String, Words.Default.Int32, (text, call, _) => Task.FromResult(text!.Split(' ').Length))
            .AddStream("split", Words.Default.String, Words.Default.String, Split);
        await using var agent = await node.Client.ServeAgentAsync("words", new RpcServerOptions { Rpc = new RpcOptions { Methods = methods } }, cancellationToken: ct);
        // end

        // sample: call
        await using var words = fleet.GetAgent("words");
        var soon = new RpcCallOptions { Deadline = Deadline.After(TimeSpan.FromSeconds(10)) };
        var count = await words.CallAsync("count", "one two three", Words.Default.String, Words.Default.Int32, soon, ct);
        await output.WriteLineAsync($"{count} words");
        await foreach (var word in words.StreamAsync("split", "four five", Words.Default.String, Words.Default.String, soon, ct))
            await output.WriteLineAsync(word);
        // end
    }

    private static async IAsyncEnumerable<string> Split(string? text, RpcCall call, [EnumeratorCancellation] CancellationToken stop)
    {
        foreach (var word in text!.Split(' '))
        {
            stop.ThrowIfCancellationRequested();
            await Task.Yield();
            yield return word;
        }
    }
}

/// <summary>How words are written.</summary>
[JsonSerializable(typeof(string)), JsonSerializable(typeof(int))]
internal sealed partial class Words : JsonSerializerContext;

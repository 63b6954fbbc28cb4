using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Codomyrmex.Networking.Fleet;
using Codomyrmex.Networking.Rpc;

// A machine of a fleet that serves agents, and says what happens to them: NAMES MACHINE REDIS ADDRESS CA CERT KEY.
var (names, machine) = (args[0].Split(','), args[1]);
var tls = new FleetTls { AuthorityPath = args[4], CertificatePath = args[5], KeyPath = args[6] };
await using var node = await FleetNode.StartAsync(new FleetOptions { Name = machine, Redis = args[2], Address = IPAddress.Parse(args[3]), Tls = tls });
Console.WriteLine("up");
await Task.WhenAll(names.Select(ServeAsync));

async Task ServeAsync(string name)
{
    FleetAgent? agent = null;
    var methods = new RpcMethods()
        .Add("echo", Of<string>(), Of<Echo>(), (text, call, _) => Task.FromResult(new Echo(text!, machine, agent!.Number, call.Peer.Certificate?.Subject ?? "nobody", call.Deadline.Remaining.TotalMilliseconds)))
        .Add("wait", Of<string>(), Of<string>(), WaitAsync)
        .AddNotification("tell", Of<string>(), (text, _) => Say($"told {text}"))
        .AddStream("count", Of<int>(), Of<string>(), CountAsync);
    // Whoever is second stands by.
    agent = await node.Client.ServeAgentAsync(name, new RpcServerOptions { Rpc = new RpcOptions { Methods = methods } }, new FleetAgentOptions { ClaimTimeout = Timeout.InfiniteTimeSpan });
    await Say($"{name} serves {agent.Number}");
    using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
    for (var wasUp = true; await timer.WaitForNextTickAsync();)
    {
        if (agent.IsUp != wasUp)
            await Say((wasUp = !wasUp) ? $"{name} serves again {agent.Number}" : $"{name} serves no longer");
    }
}

static async Task<string> WaitAsync(string? text, CancellationToken cancellationToken)
{
    await Say($"waits {text}");
    try
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        return "";
    }
    finally
    {
        await Say($"gave up {text}");
    }
}

static async IAsyncEnumerable<string> CountAsync(int count, RpcCall call, [EnumeratorCancellation] CancellationToken cancellationToken)
{
    for (var i = 1; i <= count; i++)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await Say($"item {i}");
        yield return $"{i} {new string('x', 10_000)}";
    }
}

static Task Say(string text)
{
    Console.WriteLine(text);
    return Task.CompletedTask;
}

static JsonTypeInfo<T> Of<T>() => (JsonTypeInfo<T>)JsonSerializerOptions.Web.GetTypeInfo(typeof(T));

internal sealed record Echo(string Text, string Machine, long Number, string Caller, double LeftMs);

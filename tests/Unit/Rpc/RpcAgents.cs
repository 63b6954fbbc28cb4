using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Codomyrmex.Networking.Rpc;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Rpc;

/// <summary>Two agents and every way between them.</summary>
internal static partial class RpcAgents
{
    /// <summary>Every way that the two sides can speak.</summary>
    public static TheoryData<string> Ways => ["tcp", "tls", "ws", "wss", "unix"];

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static RpcMethods Methods(TaskCompletionSource? left = null) => new RpcMethods()
        .Add("add", AgentJson.Default.Pair, AgentJson.Default.Int32, (pair, _) => Task.FromResult(pair!.A + pair.B))
        .Add("who", AgentJson.Default.Pair, AgentJson.Default.String, (_, call, _) => Task.FromResult(call.Peer.ToString()))
        .Add("wait", AgentJson.Default.Pair, AgentJson.Default.Int32, async (_, call, ct) =>
        {
            await using var registration = ct.Register(() => left?.TrySetResult());
            await Task.Delay(Timeout.Infinite, ct);
            return 1;
        })
        .AddStream("count", AgentJson.Default.Int32, AgentJson.Default.String, (most, _, ct) => CountAsync(most, left, ct));

    /// <summary>A server at an address of that kind, and how to connect to it.</summary>
    public static (RpcServer Server, RpcConnectOptions Connect) Start(string way, TestCertificateAuthority authority, TemporaryDirectory folder, RpcServerOptions options)
    {
        var usesTls = way is "tls" or "wss";
        var address = way switch
        {
            "unix" => "unix:" + Path.Combine(folder.Path, "agent.sock"),
            "ws" or "wss" => way + "://127.0.0.1:0/rpc",
            _ => way + "://127.0.0.1:0",
        };
        var server = RpcServer.Start(address, options with { Tls = usesTls ? new TlsServerOptions { Certificate = authority.Issue(), ClientRoots = [authority.Root] } : null });
        var tls = new TlsOptions { TrustedRoots = [authority.Root], ClientCertificate = authority.Issue(TestCertificateOptions.ForClient("planner")) };
        return (server, new RpcConnectOptions { Rpc = new RpcOptions { StreamWindow = 1024 }, Transport = TransportOptions.Default with { Tls = usesTls ? tls : TlsOptions.Default } });
    }

    private static async IAsyncEnumerable<string> CountAsync(int most, TaskCompletionSource? left, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            for (var i = 0; i < most || most < 0; i++)
            {
                await Task.Yield();
                yield return new string('x', 100) + i;
            }
            if (most == 0)
                await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            left?.TrySetResult();
        }
    }

    internal sealed record Pair(int A, int B);

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Pair)), JsonSerializable(typeof(string))]
    internal sealed partial class AgentJson : JsonSerializerContext;
}

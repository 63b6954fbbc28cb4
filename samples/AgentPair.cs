using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using Codomyrmex.Networking.Rpc;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Samples;

/// <summary>Two agents that prove who they are to each other; one asks, the other answers piece by piece.</summary>
public static partial class AgentPair
{
    public static async Task RunAsync(Uri _, TextWriter output, CancellationToken ct)
    {
        using var authority = new TestCertificateAuthority("our agents");
        var (host, guest) = (authority.Issue(), authority.Issue(TestCertificateOptions.ForClient("planner")));
        // sample: listen
        var methods = new RpcMethods().AddStream("summarise", Words.Default.String, Words.Default.String, Summarise);
        await using var agent = RpcServer.Start("tls://127.0.0.1:0", new RpcServerOptions
        {
            Rpc = new RpcOptions { Methods = methods },
            Tls = new TlsServerOptions { Certificate = host, ClientRoots = [authority.Root] },
        });
        // end
        // sample: connect
        var tls = new TlsOptions { TrustedRoots = [authority.Root], ClientCertificate = guest };
        await using var planner = await RpcConnection.ConnectAsync(agent.Address, new RpcConnectOptions { Transport = TransportOptions.Default with { Tls = tls } }, ct);
        var soon = new RpcCallOptions { Deadline = Deadline.After(TimeSpan.FromSeconds(10)) };
        await foreach (var piece in planner.StreamAsync("summarise", "the minutes", Words.Default.String, Words.Default.String, soon, ct))
            await output.WriteLineAsync(piece);
        // end
    }

    private static async IAsyncEnumerable<string> Summarise(string? what, RpcCall call, [EnumeratorCancellation] CancellationToken ct)
    {
        yield return $"{call.Peer.Certificate!.Subject} asks for {what}, within {call.Deadline.Remaining.TotalSeconds:0} s";
        await Task.Yield();
        yield return "there is nothing in them";
    }
    [JsonSerializable(typeof(string))] internal sealed partial class Words : JsonSerializerContext;
}

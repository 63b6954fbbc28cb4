using System.Text.Json.Serialization;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Samples;

/// <summary>Two programs that prove who they are to each other over TCP, and speak JSON lines.</summary>
public static partial class TlsPair
{
    public static async Task RunAsync(Uri _, TextWriter output, CancellationToken ct)
    {
        using var authority = new TestCertificateAuthority("our agents");
        var (host, guest) = (authority.Issue(), authority.Issue(TestCertificateOptions.ForClient("planner")));
        // sample: listen
        await using var agent = TCPServer.Start(async (peer, stop) =>
        {
            var who = peer.Tls!.Chain[0].Subject;
            var task = await peer.ReceiveJsonAsync(Messages.Default.Message, stop);
            await peer.SendJsonAsync(new Message($"{who} asks for: {task!.Text}"), Messages.Default.Message, stop);
        }, new TCPServerOptions
        {
            Framing = Framing.Lines,
            Tls = new TlsServerOptions { Certificate = host, ClientRoots = [authority.Root] },
        });
        // end
        // sample: connect
        await using var planner = new TCPClient("127.0.0.1", agent.Port, new TCPClientOptions
        {
            Framing = Framing.Lines,
            UseTls = true,
            Transport = TransportOptions.Default with { Tls = new TlsOptions { TrustedRoots = [authority.Root], ClientCertificate = guest } },
        });
        var connection = await planner.ConnectAsync(ct);
        await connection.SendJsonAsync(new Message("a summary"), Messages.Default.Message, ct);
        var answer = await connection.ReceiveJsonAsync(Messages.Default.Message, ct);
        await output.WriteLineAsync(answer!.Text);
        // end
    }

    internal sealed record Message(string Text);

    [JsonSerializable(typeof(Message))]
    internal sealed partial class Messages : JsonSerializerContext;
}

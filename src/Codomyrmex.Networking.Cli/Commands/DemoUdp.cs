using System.Net;
using System.Text;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The steps about datagrams.</summary>
internal static class DemoUdp
{
    public static DemoStep[] Steps(Lab lab) =>
    [
        new("UDP", "send a datagram and get it back", ct => EchoAsync(lab, ct)),
        new("UDP", "ask again where replies are lost, and believe no forged one", AskAsync),
        new("UDP", "hear that nobody is there", RefuseAsync),
        new("UDP", "ask the egress policy about every destination", ct => DenyAsync(lab, ct)),
    ];

    private static async Task<string> EchoAsync(Lab lab, CancellationToken cancellationToken)
    {
        await using var client = await UDPClient.ConnectAsync("127.0.0.1", lab.Udp.Port, cancellationToken: cancellationToken);
        await client.SendAsync("Hello", cancellationToken);
        var datagram = await client.ReceiveAsync(cancellationToken);
        var reply = Encoding.UTF8.GetString(datagram.Data.Span);
        DemoFailure.Unless(reply == "Hello", $"it said {reply}");
        return $"{reply} from {datagram.RemoteEndPoint}";
    }

    private static async Task<string> AskAsync(CancellationToken cancellationToken)
    {
        await using var server = LoopbackUDPServer.Start();
        server.Inject(DatagramFault.Drop with { Times = 1 });
        server.Inject(DatagramFault.FromElsewhere with { Times = 1 });
        server.Inject(DatagramFault.Corrupt with { Times = 1 });
        await using var client = UDPClient.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var patience = new UDPRequestOptions { FirstWait = TimeSpan.FromMilliseconds(20) };
        await client.RequestAsync("7: question"u8.ToArray(), server.EndPoint, UDPCorrelations.SameBytes(0, 2), patience, cancellationToken);
        var seen = client.GetStatistics();
        DemoFailure.Unless(seen is { FromElsewhere: 1, Unmatched: 1 }, $"{seen}");
        return $"sent {seen.Sent} times; dropped {seen.FromElsewhere} from elsewhere, {seen.Unmatched} with another number";
    }

    private static async Task<string> RefuseAsync(CancellationToken cancellationToken)
    {
        int port;
        await using (var gone = UDPClient.Bind(new IPEndPoint(IPAddress.Loopback, 0)))
            port = gone.Port;
        await using var client = await UDPClient.ConnectAsync("127.0.0.1", port, cancellationToken: cancellationToken);
        var error = await DemoFailure.CatchAsync<ConnectionException>(client.RequestAsync("anybody?"u8.ToArray(), UDPCorrelations.Anything, null, cancellationToken), ErrorCodes.UdpRefused);
        return $"{error.Code} after {error.Elapsed.TotalMilliseconds:0.0} ms";
    }

    private static async Task<string> DenyAsync(Lab lab, CancellationToken cancellationToken)
    {
        var transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly.Allowing($"127.0.0.1:{lab.Udp.Port}") };
        await using var client = UDPClient.Bind(null, new UDPClientOptions { Transport = transport });
        await client.SendAsync("allowed"u8.ToArray(), lab.Udp.LocalEndPoint!, cancellationToken);
        var metadata = new IPEndPoint(IPAddress.Parse("169.254.169.254"), 53);
        var error = await DemoFailure.CatchAsync<PolicyException>(client.SendAsync("denied"u8.ToArray(), metadata, cancellationToken).AsTask(), ErrorCodes.PolicyDenied);
        return error.Message;
    }
}

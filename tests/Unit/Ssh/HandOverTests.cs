using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Ssh.Internal.Engine;
using Codomyrmex.Networking.Transport.Internal;
using Renci.SshNet;

namespace Codomyrmex.Networking.Tests.Unit.Ssh;

/// <summary>The port of this machine over which the engine gets its connection: others may call there too.</summary>
public class HandOverTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Strangers_who_say_nothing_hang_up_or_pretend_hold_nobody_up()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var dialing = new TcpClient();
        await dialing.ConnectAsync((IPEndPoint)listener.LocalEndpoint, Token);
        using var server = await listener.AcceptSocketAsync(Token);
        var endpoint = new Endpoint("server.test", 22);
        await using var handOver = new HandOver(new DialedStream(dialing.GetStream(), new DialTrace(endpoint, TimeProvider.System)), endpoint);
        using var silent = await CallAsync(handOver.Port);
        using (var rude = await CallAsync(handOver.Port))
            rude.LingerState = new LingerOption(true, 0);
        using var liar = await CallAsync(handOver.Port);
        await liar.SendAsync("SSH-2.0-liar\r\n"u8.ToArray(), Token);

        using var method = new NoneAuthenticationMethod("ada");
        using var session = EngineAccess.NewSession(new ConnectionInfo("127.0.0.1", handOver.Port, "ada", method) { Timeout = TimeSpan.FromSeconds(30) });
        var engine = Task.Run(session.Connect, Token);
        var greeting = handOver.GreetAsync(session, Token);
        var identification = new byte[8];
        for (var count = 0; count < identification.Length;)
            count += await server.ReceiveAsync(identification.AsMemory(count), Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Equal("SSH-2.0-"u8.ToArray(), identification);
        var more = new byte[100];
        Assert.DoesNotContain("liar", System.Text.Encoding.ASCII.GetString(more, 0, await server.ReceiveAsync(more, Token)));
        Assert.Equal(0, await silent.ReceiveAsync(more, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token));
        server.Dispose();
        handOver.BreakOff(session);
        await Task.WhenAll(greeting, engine).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    private static async Task<Socket> CallAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, Token);
        return socket;
    }
}

using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

/// <summary>What a connection that is only watched says of who completes it.</summary>
public class ConnectionTrialTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connection_that_is_reset_before_anything_was_said_is_broken_off() =>
        Assert.Equal(TrialOutcome.Reset, await TryAsync(TimeSpan.FromSeconds(20), static async peer =>
        {
            await Task.Yield();
            peer.LingerState = new LingerOption(true, 0);
        }));

    [Fact]
    public async Task Server_that_closes_without_reading_what_was_said_is_one() =>
        Assert.Equal(TrialOutcome.Closed, await TryAsync(TimeSpan.FromSeconds(1), static async peer =>
        {
            // The system resets what is closed with bytes unread.
            await peer.ReceiveAsync(new byte[1], SocketFlags.Peek, Cancel);
        }));

    [Fact]
    public async Task Server_that_speaks_first_is_alive() =>
        Assert.Equal(TrialOutcome.Alive, await TryAsync(TimeSpan.FromSeconds(20), static async peer => await peer.SendAsync("220 ready\r\n"u8.ToArray(), Cancel)));

    private static async Task<TrialOutcome> TryAsync(TimeSpan patience, Func<Socket, Task> serve)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var trial = ConnectionTrial.RunAsync((IPEndPoint)listener.LocalEndpoint, TransportOptions.Default, patience, TimeProvider.System, Cancel);
        using (var peer = await listener.AcceptSocketAsync(Cancel))
            await serve(peer);
        return await trial;
    }
}

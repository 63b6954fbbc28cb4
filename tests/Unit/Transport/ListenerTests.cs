using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

public class ListenerTests
{
    [Fact]
    public async Task Who_accepts_first_is_not_held_until_somebody_comes()
    {
        var token = TestContext.Current.CancellationToken;
        using var listener = Listener.Open(new IPEndPoint(IPAddress.Loopback, 0), 16, dualStack: false, SocketTuning.Of(TransportOptions.Default));
        // On this very thread: a call that waited in the kernel would never come back.
        var accepting = listener.AcceptAsync(token).AsTask();
        Assert.False(accepting.IsCompleted);
        using var peer = new TcpClient();
        await peer.ConnectAsync((IPEndPoint)listener.EndPoint, token);
        await using var stream = (await accepting).Stream;
        Assert.NotNull(stream);
    }
}

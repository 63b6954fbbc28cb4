using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Tests.Integration.WebSockets;

/// <summary>What any server that sends messages back must get right together with the client.</summary>
internal static class WebSocketTalk
{
    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Sends messages of all lengths at which the form of a frame changes, up to 16 MiB, in one burst; each comes back as it was.</summary>
    public static async Task AssertEchoesAsync(WebSocketClient ws)
    {
        int[] lengths = [0, 1, 125, 126, 127, 4096, 65_535, 65_536, 1 << 20, 16 << 20];
        var sent = lengths.Select(static length =>
        {
            var bytes = new byte[length];
            new Random(length).NextBytes(bytes);
            // Half of it can be compressed.
            bytes.AsSpan(length / 2).Fill((byte)'z');
            return bytes;
        }).ToList();
        var sending = Task.Run(async () =>
        {
            await ws.SendAsync("grüße, 世界 🌍", Stop);
            foreach (var bytes in sent)
                await ws.SendAsync(bytes, Stop);
        }, Stop);
        Assert.Equal("grüße, 世界 🌍", (await ws.ReceiveAsync(Stop))!.Value.Text);
        foreach (var bytes in sent)
        {
            var message = (await ws.ReceiveAsync(Stop))!.Value;
            Assert.Equal(WebSocketMessageKind.Binary, message.Kind);
            Assert.True(message.Bytes.Span.SequenceEqual(bytes), $"a message of {bytes.Length} bytes came back as another");
        }
        await sending;
        await using (var stream = await ws.OpenMessageAsync(WebSocketMessageKind.Binary, Stop))
        {
            for (var i = 0; i < 20; i++)
                await stream.WriteAsync(sent[6], Stop);
            await stream.CompleteAsync(Stop);
        }
        Assert.Equal(20 * sent[6].Length, (await ws.ReceiveAsync(Stop))!.Value.Length);
        await ws.SendAsync("send 5000000", Stop);
        Assert.Equal(5_000_000, (await ws.ReceiveAsync(Stop))!.Value.Length);
    }

    /// <summary>Pings go both ways, and each is answered.</summary>
    public static async Task AssertPingsAsync(WebSocketClient ws)
    {
        Assert.True(await ws.PingAsync(Stop) > TimeSpan.Zero);
        await ws.SendAsync("ping hello", Stop);
        Assert.Equal("pong hello", (await ws.ReceiveAsync(Stop))!.Value.Text);
    }

    /// <summary>The loss of a connection is told as one.</summary>
    public static async Task AssertLostAsync(WebSocketClient ws)
    {
        var error = await Assert.ThrowsAnyAsync<NetworkException>(async () =>
        {
            while (await ws.ReceiveAsync(Stop) is not null)
            {
            }
        });
        Assert.True(error.IsTransient);
        Assert.Equal(WebSocketCloseCode.Abnormal, ws.Closed!.Code);
        await Assert.ThrowsAnyAsync<NetworkException>(async () => await ws.SendAsync("more", Stop));
    }
}

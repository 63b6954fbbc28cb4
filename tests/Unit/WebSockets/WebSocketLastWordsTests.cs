using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Tests.Unit.WebSockets;

/// <summary>A server that takes no more may have said why: a send that fails takes nothing away from the receiver.</summary>
public class WebSocketLastWordsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_the_server_had_said_when_a_send_failed_is_received_with_its_close_code()
    {
        var broken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = WebSocketServer.Start(async (connection, ct) =>
        {
            await broken.Task.WaitAsync(ct);
            await connection.SendTextAsync("the last word", ct);
            await connection.CloseAsync(1008, "enough", ct);
        });
        await using var ws = await ConnectAsync(server, broken);
        await ws.SendAsync("more", Cancel);
        Assert.Equal("the last word", (await ws.ReceiveAsync(Cancel).AsTask().WaitAsync(Patience, Cancel))!.Value.Text);
        var closed = await Assert.ThrowsAsync<WebSocketException>(() => ws.ReceiveAsync(Cancel).AsTask().WaitAsync(Patience, Cancel));
        Assert.Equal((WebSocketCloseCode.PolicyViolation, "enough"), (closed.CloseCode, closed.CloseReason));
        await Assert.ThrowsAsync<WebSocketException>(() => ws.SendAsync("more", Cancel).AsTask());
    }

    [Fact]
    public async Task A_server_that_says_nothing_more_after_a_send_has_failed_is_not_waited_for()
    {
        var broken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = WebSocketServer.Start(static (_, ct) => Task.Delay(Timeout.Infinite, ct));
        await using var ws = await ConnectAsync(server, broken);
        var receiving = ws.ReceiveAsync(Cancel).AsTask();
        await ws.SendAsync("more", Cancel);
        await broken.Task.WaitAsync(Patience, Cancel);
        var lost = await Assert.ThrowsAsync<WebSocketException>(() => receiving.WaitAsync(Patience, Cancel));
        Assert.Contains("The pipe broke", lost.ToString(), StringComparison.Ordinal);
    }

    private static Task<WebSocketClient> ConnectAsync(WebSocketServer server, TaskCompletionSource broken) => WebSocketClient.ConnectAsync("ws://inside.test/", new WebSocketOptions
    {
        Reconnect = null,
        Transport = TransportOptions.Default with
        {
            DialOver = async (_, ct) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, server.Port, ct);
                return new BrokenPipe(new NetworkStream(socket, ownsSocket: true), broken);
            },
        },
    }, Cancel);

    /// <summary>Takes the handshake and nothing more.</summary>
    private sealed class BrokenPipe(Stream inner, TaskCompletionSource broken) : DuplexStream
    {
        private bool _hasHandshake;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_hasHandshake)
            {
                _hasHandshake = true;
                return inner.WriteAsync(buffer, cancellationToken);
            }
            broken.TrySetResult();
            throw new IOException("The pipe broke.", new SocketException((int)SocketError.ConnectionReset));
        }

        protected override void Dispose(bool disposing) => inner.Dispose();
    }
}

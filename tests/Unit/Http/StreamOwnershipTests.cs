using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Who owns a streamed body and its timer, and until when.</summary>
public class StreamOwnershipTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static async Task OneByteAsync(LoopbackExchange exchange)
    {
        var body = await exchange.StartAsync(200);
        await body.WriteAsync(new byte[1]);
        await body.FlushAsync();
        await exchange.RouteStallAsync();
    }

    [Fact]
    public async Task Pending_read_ends_with_its_response_and_gives_the_timer_back_once()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", OneByteAsync);
        using var client = new HTTPClient(RawAnswer.Options);
        for (var i = 0; i < 20; i++)
        {
            var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: Stop);
            var body = response.OpenStream();
            await body.ReadExactlyAsync(new byte[1], Stop);
            var read = body.ReadAsync(new byte[1], Stop).AsTask();
            response.Dispose();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => read);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => body.ReadAsync(new byte[1], Stop).AsTask());
        }
        Assert.Equal(0, client.GetPoolStatistics().RequestsInFlight);
        var rented = Enumerable.Range(0, 200).Select(_ => PhaseTimers.Rent(TimeProvider.System)).ToArray();
        Assert.Equal(rented.Length, rented.Distinct(ReferenceEqualityComparer.Instance).Count());
        Array.ForEach(rented, timer => timer.Dispose());
    }

    [Fact]
    public async Task Pending_read_over_http2_ends_with_its_response_and_leaves_the_connection_to_the_others()
    {
        await using var server = Http2Peer.Start(async peer =>
        {
            var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
            await peer.SendAsync(Http2Peer.Headers, 4, stream, Http2Peer.Status200);
            await peer.SendAsync(Http2Peer.Data, 0, stream, new byte[1]);
            await peer.SendAsync(Http2Peer.Headers, 5, await peer.ReadUntilAsync(Http2Peer.Headers), Http2Peer.Status200);
        });
        using var client = new HTTPClient(RawAnswer.Options with { Version = HttpVersionChoice.Http2 });
        var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: Stop);
        var body = response.OpenStream();
        await body.ReadExactlyAsync(new byte[1], Stop);
        using var own = new CancellationTokenSource();
        var read = body.ReadAsync(new byte[1], own.Token).AsTask();
        response.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => read);
        var other = client.GetAsync(server.Url.ToString(), cancellationToken: Stop);
        await own.CancelAsync();
        using var answer = await other;
        Assert.Equal((200, true), (answer.Status, answer.IsReused));
    }

    [Fact]
    public async Task Read_that_outlives_its_response_keeps_the_timer_from_other_calls()
    {
        var go = new TaskCompletionSource();
        var sockets = new ConcurrentQueue<Socket>();
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", OneByteAsync);
        server.Map("GET", "/other", async exchange =>
        {
            await go.Task;
            await exchange.RespondAsync(200, "other");
        });
        using var client = new HTTPClient(RawAnswer.Options with
        {
            Transport = new TransportOptions
            {
                DialOver = async (_, stop) =>
                {
                    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                    sockets.Enqueue(socket);
                    await socket.ConnectAsync(IPAddress.Loopback, server.Port, stop);
                    return new DeafStream(new NetworkStream(socket, ownsSocket: true));
                },
            },
        });
        using var own = new CancellationTokenSource();
        var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: Stop);
        var body = response.OpenStream();
        await body.ReadExactlyAsync(new byte[1], Stop);
        var read = body.ReadAsync(new byte[1], own.Token).AsTask();
        response.Dispose();
        var other = client.GetAsync(server.Url + "other", cancellationToken: Stop);
        await server.WaitForConnectionsAsync(2, Stop);
        await own.CancelAsync();
        Assert.False(read.IsCompleted);
        go.SetResult();
        using var answer = await other;
        Assert.Equal("other", answer.Text);
        Assert.True(sockets.TryDequeue(out var first));
        first.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
    }

    [Theory]
    [InlineData("bytes/5000")]
    [InlineData("stream-bytes/5000")]
    public async Task Body_that_could_not_be_buffered_is_not_buffered_the_second_time_either(string path)
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Limits = ResponseLimits.Default with { BufferedBytes = 4096 } });
        using var response = await client.StreamAsync(server.Url + path, cancellationToken: Stop);
        var first = await Assert.ThrowsAnyAsync<NetworkException>(() => response.BufferAsync(Stop));
        Assert.Equal(ErrorCodes.HttpTooLarge, first.Code);
        var second = await Assert.ThrowsAsync<InvalidOperationException>(() => response.BufferAsync(Stop));
        Assert.Same(first, second.InnerException);
    }

    /// <summary>A connection whose pending read does not end when it is disposed.</summary>
    private sealed class DeafStream(Stream inner) : Stream
    {
        public override bool CanRead => true;
        public override bool CanWrite => true;
        public override bool CanSeek => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

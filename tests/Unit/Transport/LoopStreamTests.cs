using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Transport.Internal;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

/// <summary>A connection in the event loop, with a peer of the platform's.</summary>
public sealed class LoopStreamTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public LoopStreamTests()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task A_read_waits_for_what_comes_and_tells_the_end()
    {
        var (stream, peer) = await ConnectAsync();
        using var _ = peer;
        await using var __ = stream;
        var buffer = new byte[10];
        var read = stream.ReadAsync(buffer, Stop);
        Assert.False(read.IsCompleted);
        peer.Send("hello"u8);
        Assert.Equal(5, await read.AsTask().WaitAsync(Patience));
        Assert.Equal("hello"u8.ToArray(), buffer[..5]);
        peer.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await stream.ReadAsync(buffer, Stop).AsTask().WaitAsync(Patience));
        Assert.Equal(0, await stream.ReadAsync(buffer, Stop).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task The_end_is_told_behind_bytes_that_came_with_it()
    {
        for (var i = 0; i < 200; i++)
        {
            var (stream, peer) = await ConnectAsync();
            await using var _ = stream;
            peer.Send("bye"u8);
            peer.Dispose();
            Assert.Equal(3, await stream.ReadAsync(new byte[10], Stop).AsTask().WaitAsync(Patience));
            Assert.Equal(0, await stream.ReadAsync(new byte[10], Stop).AsTask().WaitAsync(Patience));
        }
    }

    [Fact]
    public async Task Who_always_has_more_reads_on_in_the_loop_and_misses_nothing()
    {
        var (stream, peer) = await ConnectAsync();
        using var _ = peer;
        await using var __ = stream;
        var bytes = Enumerable.Range(0, 10_000).Select(static i => (byte)i).ToArray();
        peer.Send(bytes);
        var (one, inLoop) = (new byte[1], 0);
        await Task.Run(async () =>
        {
            foreach (var expected in bytes)
            {
                Assert.Equal(1, await stream.ReadAsync(one, Stop).ConfigureAwait(false));
                Assert.Equal(expected, one[0]);
                inLoop += Thread.CurrentThread.Name == "codomyrmex event loop" ? 1 : 0;
            }
        }, Stop).WaitAsync(Patience);
        Assert.InRange(inLoop, 1, bytes.Length);
        peer.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await stream.ReadAsync(one, Stop).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task What_lies_behind_urgent_data_is_received()
    {
        var (stream, peer) = await ConnectAsync();
        using var _ = peer;
        await using var __ = stream;
        peer.Send("abc"u8);
        peer.Send("!"u8, SocketFlags.OutOfBand);
        peer.Send("def"u8);
        var (buffer, count) = (new byte[100], 0);
        while (count < 6)
            count += await stream.ReadAsync(buffer.AsMemory(count), Stop).AsTask().WaitAsync(Patience);
        Assert.Equal("abcdef"u8.ToArray(), buffer[..6]);
    }

    [Fact]
    public async Task Who_goes_on_with_sending_finds_what_arrived_with_the_same_event()
    {
        using var socket = StreamSocket.Open(AddressFamily.InterNetwork);
        var source = new LoopSocket(socket, null);
        Assert.True(source.Receiving.TryTake());
        Assert.True(source.Sending.TryTake());
        var found = false;
        var sending = source.Sending.WaitAsync(Stop).AsTask().ContinueWith(_ => found = source.Receiving.TryTake(), TaskContinuationOptions.ExecuteSynchronously);
        source.Ready(PollEvents.Readable | PollEvents.Writable);
        await sending.WaitAsync(Patience);
        Assert.True(found);
    }

    [Fact]
    public void What_runs_first_runs_once()
    {
        for (var round = 0; round < 1000; round++)
        {
            using var socket = StreamSocket.Open(AddressFamily.InterNetwork);
            var (source, runs) = (new LoopSocket(socket, null), 0);
            source.Join(_ => Interlocked.Increment(ref runs));
            Parallel.Invoke(() => source.Ready(PollEvents.Writable), () => source.Ready(PollEvents.Writable));
            source.Close();
            // The loop itself may have been the first, and be about to run it.
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref runs) > 0, Patience));
            Assert.Equal(1, runs);
        }
    }

    [Fact]
    public async Task An_empty_read_waits_and_takes_nothing()
    {
        var (stream, peer) = await ConnectAsync();
        using var _ = peer;
        await using var __ = stream;
        var asked = stream.ReadAsync(Memory<byte>.Empty, Stop);
        Assert.False(asked.IsCompleted);
        peer.Send("x"u8);
        Assert.Equal(0, await asked.AsTask().WaitAsync(Patience));
        Assert.Equal(1, stream.Available);
        Assert.Equal(0, await stream.ReadAsync(Memory<byte>.Empty, Stop).AsTask().WaitAsync(Patience));
        Assert.Equal(1, await stream.ReadAsync(new byte[10], Stop));
    }

    [Fact]
    public async Task A_cancelled_read_loses_nothing_and_cancels_no_later_one()
    {
        var (stream, peer) = await ConnectAsync();
        using var _ = peer;
        await using var __ = stream;
        using var cancelling = new CancellationTokenSource();
        var cancelled = stream.ReadAsync(new byte[10], cancelling.Token);
        await cancelling.CancelAsync();
        var error = await Assert.ThrowsAsync<OperationCanceledException>(() => cancelled.AsTask().WaitAsync(Patience));
        Assert.Equal(cancelling.Token, error.CancellationToken);
        var next = stream.ReadAsync(new byte[10], Stop);
        peer.Send("kept"u8);
        Assert.Equal(4, await next.AsTask().WaitAsync(Patience));
        await Assert.ThrowsAsync<TaskCanceledException>(() => ReadAsync(stream, cancelling.Token));
    }

    [Fact]
    public async Task Cancelling_and_arriving_at_once_either_cancels_or_reads()
    {
        var (stream, peer) = await ConnectAsync();
        using var _ = peer;
        await using var __ = stream;
        var received = 0;
        var sent = 0;
        for (var i = 0; i < 2000; i++)
        {
            using var cancelling = new CancellationTokenSource();
            var read = stream.ReadAsync(new byte[1], cancelling.Token);
            var cancel = Task.Run(cancelling.Cancel, Stop);
            peer.Send("x"u8);
            sent++;
            try
            {
                received += await read.AsTask().WaitAsync(Patience);
            }
            catch (OperationCanceledException)
            {
            }
            await cancel;
        }
        while (received < sent)
            received += await stream.ReadAsync(new byte[sent], Stop).AsTask().WaitAsync(Patience);
        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task A_reset_is_told_and_no_later_read_waits_for_ever()
    {
        var (stream, peer) = await ConnectAsync();
        await using var _ = stream;
        var read = stream.ReadAsync(new byte[10], Stop);
        peer.Close(0);
        var error = await Assert.ThrowsAsync<IOException>(() => read.AsTask().WaitAsync(Patience));
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(error.InnerException).SocketErrorCode);
        Assert.Equal(0, await stream.ReadAsync(new byte[10], Stop).AsTask().WaitAsync(Patience));
        await Assert.ThrowsAsync<IOException>(async () => await stream.WriteAsync("x"u8.ToArray(), Stop));
    }

    [Fact]
    public async Task What_the_system_does_not_take_is_sent_when_it_does()
    {
        var (stream, peer) = await ConnectAsync();
        using var _ = peer;
        await using var __ = stream;
        var bytes = new byte[20_000_000];
        Random.Shared.NextBytes(bytes);
        var write = stream.WriteAsync(bytes, Stop);
        Assert.False(write.IsCompleted);
        var received = new byte[bytes.Length];
        await using (var reader = new NetworkStream(peer, ownsSocket: false))
            await reader.ReadExactlyAsync(received, Stop).AsTask().WaitAsync(Patience);
        await write.AsTask().WaitAsync(Patience);
        Assert.True(bytes.AsSpan().SequenceEqual(received));
    }

    [Fact]
    public async Task A_send_that_waits_can_be_cancelled()
    {
        var (stream, peer) = await ConnectAsync();
        using var _ = peer;
        await using var __ = stream;
        using var cancelling = new CancellationTokenSource();
        var write = stream.WriteAsync(new byte[20_000_000], cancelling.Token);
        await cancelling.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => write.AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task Closing_ends_what_is_under_way_as_the_platforms_stream_does()
    {
        var (stream, peer) = await ConnectAsync();
        using var _ = peer;
        var read = stream.ReadAsync(new byte[10], Stop);
        await stream.DisposeAsync();
        var error = await Assert.ThrowsAsync<IOException>(() => read.AsTask().WaitAsync(Patience));
        Assert.Equal(SocketError.OperationAborted, Assert.IsType<SocketException>(error.InnerException).SocketErrorCode);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ReadAsync(stream, Stop));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await stream.WriteAsync(new byte[10], Stop));
        stream.Abort();
        Assert.Equal(0, stream.Available);
        Assert.Equal(0, peer.Receive(new byte[10]));
    }

    [Fact]
    public async Task Aborting_resets()
    {
        var (stream, peer) = await ConnectAsync();
        using var _ = peer;
        stream.Abort();
        Assert.Equal(SocketError.ConnectionReset, Assert.Throws<SocketException>(() => peer.Receive(new byte[10])).SocketErrorCode);
    }

    [Fact]
    public async Task A_second_read_beside_the_first_is_a_bug_that_is_told()
    {
        var (stream, peer) = await ConnectAsync();
        using var _ = peer;
        await using var __ = stream;
        var first = stream.ReadAsync(new byte[10], Stop);
        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync(stream, Stop));
        peer.Send("x"u8);
        Assert.Equal(1, await first.AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task Half_a_connection_can_be_ended()
    {
        var (stream, peer) = await ConnectAsync();
        using var _ = peer;
        await using var __ = stream;
        stream.EndSending();
        Assert.Equal(0, peer.Receive(new byte[10]));
        peer.Send("still here"u8);
        Assert.Equal(10, await stream.ReadAsync(new byte[10], Stop).AsTask().WaitAsync(Patience));
    }

    [Fact]
    public async Task Addresses_are_told_of_both_sides()
    {
        var (stream, peer) = await ConnectAsync();
        using var _ = peer;
        await using var __ = stream;
        Assert.Equal(peer.RemoteEndPoint, stream.Local);
        Assert.Equal(peer.LocalEndPoint, stream.Remote);
    }

    [Fact]
    public async Task Who_forgets_it_closes_it()
    {
        var peer = await ForgottenAsync();
        // Off the thread on which it was connected, whose stack remembers.
        await Task.Yield();
        peer.ReceiveTimeout = 100;
        for (var end = DateTime.UtcNow + Patience; ; GC.Collect(), GC.WaitForPendingFinalizers())
        {
            try
            {
                Assert.Equal(0, peer.Receive(new byte[1]));
                return;
            }
            catch (SocketException error) when (error.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock && DateTime.UtcNow < end)
            {
            }
        }
    }

    [Fact]
    public async Task A_refused_connection_is_told_as_the_platform_tells_it()
    {
        using var closed = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        closed.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var error = await Assert.ThrowsAsync<SocketException>(() => LoopStream.ConnectAsync(StreamSocket.Open(AddressFamily.InterNetwork), closed.LocalEndPoint!, Stop));
        Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
        Assert.Equal(new SocketException((int)SocketError.ConnectionRefused).Message, error.Message);
    }

    [Fact]
    public async Task Accepting_keeps_no_thread_and_what_was_accepted_reads_without_further_ado()
    {
        using var listener = Listener.Open(new IPEndPoint(IPAddress.Loopback, 0), 10, dualStack: false, default);
        var accepting = listener.AcceptAsync(Stop);
        Assert.False(accepting.IsCompleted);
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(listener.EndPoint, Stop);
        var end = await accepting.AsTask().WaitAsync(Patience);
        await using var _ = end.Stream;
        var read = end.Stream.ReadAsync(new byte[10], Stop);
        Assert.False(read.IsCompleted);
        peer.Send("hello"u8);
        Assert.Equal(5, await read.AsTask().WaitAsync(Patience));
        Assert.Equal(peer.LocalEndPoint, end.Remote);
    }

    private static Task<int> ReadAsync(LoopStream stream, CancellationToken cancellationToken) => stream.ReadAsync(new byte[10], cancellationToken).AsTask();

    private async Task<Socket> ForgottenAsync()
    {
        var (stream, peer) = await ConnectAsync();
        Assert.True(stream.CanRead);
        return peer;
    }

    private async Task<(LoopStream Stream, Socket Peer)> ConnectAsync()
    {
        var stream = await LoopStream.ConnectAsync(StreamSocket.Open(AddressFamily.InterNetwork), _listener.LocalEndPoint!, Stop);
        return (stream, await _listener.AcceptAsync(Stop));
    }
}

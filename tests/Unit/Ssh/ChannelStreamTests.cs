using System.Buffers.Binary;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh;

/// <summary>The streams of a channel when somebody loses interest in the middle.</summary>
public class ChannelStreamTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_that_is_no_longer_wanted_gives_back_what_it_holds()
    {
        var (link, connection, channel) = await OpenAsync(receiveWindow: 1000);
        var reader = (SessionReader)channel.Reader;
        connection.ReceivedData(channel.Local, new byte[900]);
        Assert.False(link.TrySent(out _));
        reader.Stdout.Dispose();
        var adjust = await link.SentAsync();
        Assert.Equal((MessageNumbers.ChannelWindowAdjust, 900u), (adjust[0], BinaryPrimitives.ReadUInt32BigEndian(adjust.AsSpan(5))));
        // What comes now is passed over, and given back once.
        connection.ReceivedData(channel.Local, new byte[500]);
        adjust = await link.SentAsync();
        Assert.Equal((MessageNumbers.ChannelWindowAdjust, 500u), (adjust[0], BinaryPrimitives.ReadUInt32BigEndian(adjust.AsSpan(5))));
        reader.Stdout.Dispose();
        Assert.False(link.TrySent(out _));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reader.Stdout.ReadAsync(new byte[1], Token).AsTask());
    }

    [Fact]
    public async Task Read_that_waits_ends_when_its_stream_is_disposed()
    {
        var (link, connection, channel) = await OpenAsync(receiveWindow: 1000);
        var reader = (SessionReader)channel.Reader;
        var reading = reader.Stdout.ReadAsync(new byte[10], Token).AsTask();
        reader.Stdout.Dispose();
        Assert.Equal(0, await reading.WaitAsync(TimeSpan.FromSeconds(20), Token));
        connection.ReceivedData(channel.Local, new byte[900]);
        var adjust = await link.SentAsync();
        Assert.Equal((MessageNumbers.ChannelWindowAdjust, 900u), (adjust[0], BinaryPrimitives.ReadUInt32BigEndian(adjust.AsSpan(5))));
    }

    [Fact]
    public async Task Write_is_cancelled_while_the_queue_is_full_and_nothing_of_its_window_is_lost()
    {
        var (link, _, channel) = await OpenAsync(window: 1000, largestPacket: 10);
        using var room = link.Room = new ManualResetEventSlim();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        // More messages than the queue holds.
        var writing = channel.WriteAsync(new byte[900], stop.Token).AsTask();
        Assert.False(writing.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.WaitAsync(TimeSpan.FromSeconds(20), Token));
        room.Set();
        var sent = 0;
        var rest = channel.WriteAsync(new byte[1000], Token).AsTask();
        // All that the server takes, the part that was taken back included.
        while (sent < 1000)
            sent += (await link.SentAsync()).Length - 9;
        Assert.Equal(1000, sent);
        Assert.False(rest.IsCompleted);
    }

    [Fact]
    public async Task Each_caller_gets_an_error_of_its_own()
    {
        var (_, connection, channel) = await OpenAsync(window: 0);
        var (one, other) = (channel.AskAsync("one", default, Token), channel.AskAsync("other", default, Token));
        var (first, second) = (connection.AskAsync("first", default, Token), connection.AskAsync("second", default, Token));
        connection.Ended(new NetworkFailure { Code = ErrorCodes.SshDisconnected, Message = "gone" }.ToException());
        Task[] calls =
        [
            one, other, first, second,
            channel.WriteAsync(new byte[1], Token).AsTask(), channel.WriteAsync(new byte[1], Token).AsTask(),
            channel.AskAsync("late", default, Token), channel.AskAsync("later", default, Token),
            connection.AskAsync("late", default, Token), connection.AskAsync("later", default, Token),
            connection.OpenAsync("session", default, opened => new SessionReader(opened, new SemaphoreSlim(1)), 1000, Token),
            connection.OpenAsync("session", default, opened => new SessionReader(opened, new SemaphoreSlim(1)), 1000, Token),
        ];
        var errors = new HashSet<Exception>(ReferenceEqualityComparer.Instance);
        foreach (var call in calls)
        {
            var error = await Assert.ThrowsAsync<SSHException>(() => call);
            Assert.Equal((ErrorCodes.SshDisconnected, "gone"), (error.Code, error.Message));
            Assert.True(errors.Add(error), "two callers share an exception");
        }
    }

    private static byte[] Number(uint value) => new WireWriter().UInt32(value).ToArray();

    private static async Task<(FakeLink Link, Multiplexer Connection, SshChannel Channel)> OpenAsync(uint window = 1 << 20, uint largestPacket = 32768, int receiveWindow = 1 << 20)
    {
        var link = new FakeLink();
        var connection = new Multiplexer(link, new Endpoint("peer.test", 22), 10, SSHKeepAlive.Off, TimeProvider.System);
        var opening = connection.OpenAsync("session", default, channel => new SessionReader(channel, connection.Sessions), receiveWindow, Token);
        Assert.Equal(MessageNumbers.ChannelOpen, (await link.SentAsync())[0]);
        connection.Received([MessageNumbers.ChannelOpenConfirmation, .. Number(1), .. Number(7), .. Number(window), .. Number(largestPacket)]);
        return (link, connection, await opening);
    }
}

using System.IO.Compression;
using Codomyrmex.Networking.WebSockets;
using Codomyrmex.Networking.WebSockets.Internal;
using Codomyrmex.Networking.WebSockets.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.WebSockets;

/// <summary>The sending half alone, on a stream that the test holds up.</summary>
public class FrameSenderTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static FrameSender Sender(Stream stream, int queueBytes = 1024 * 1024) =>
        new(stream, new SendQueueOptions { Bytes = queueBytes }, null, 0, static error => Assert.Fail(error.ToString()), TimeProvider.System);

    [Fact]
    public async Task A_flush_between_two_writes_is_told_of_its_end()
    {
        using var sender = Sender(Stream.Null);
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 100_000; i++)
            {
                sender.SendPong("x"u8);
                await sender.SendAsync(Opcode.Text, "x"u8.ToArray(), compress: false, Cancel);
            }
        }, Cancel);
        while (!sending.IsCompleted)
            await sender.FlushAsync(Cancel).WaitAsync(Patience, Cancel);
        await sending;
    }

    [Fact]
    public async Task A_large_message_behind_a_write_that_is_held_up_waits_and_does_not_turn_in_circles()
    {
        var stream = new HeldStream();
        using var sender = Sender(stream);
        await sender.SendAsync(Opcode.Text, "first"u8.ToArray(), compress: false, Cancel);
        await stream.Begun;
        var begun = Task.Run(() => (Sending: sender.SendAsync(Opcode.Binary, new byte[2 * 1024 * 1024], compress: false, Cancel).AsTask(), 0), Cancel);
        var sending = (await begun.WaitAsync(Patience, Cancel)).Sending;
        Assert.False(sending.IsCompleted);
        stream.Release();
        await sending.WaitAsync(Patience, Cancel);
        await sender.FlushAsync(Cancel).WaitAsync(Patience, Cancel);
        Assert.Equal(2 * 1024 * 1024 + 14 + 6 + 5, stream.Length);
    }

    [Fact]
    public async Task A_message_of_which_a_part_could_not_be_sent_is_not_ended_as_if_it_were_whole()
    {
        Exception? broken = null;
        var stream = new HeldStream();
        using var sender = new FrameSender(stream, new SendQueueOptions { Bytes = 1024 }, null, 0, error => broken = error, TimeProvider.System);
        await sender.SendAsync(Opcode.Text, "first"u8.ToArray(), compress: false, Cancel);
        await stream.Begun;
        await sender.TakeTurnAsync(Cancel);
        var message = new WebSocketMessageWriter(sender, Opcode.Text);
        await message.WriteAsync(new byte[600], Cancel);
        await message.FlushAsync(Cancel);
        await message.WriteAsync(new byte[600], Cancel);
        using var gaveUp = new CancellationTokenSource();
        var waiting = message.FlushAsync(gaveUp.Token);
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await message.CompleteAsync(Cancel));
        await message.DisposeAsync();
        Assert.IsType<IOException>(broken);
    }

    [Fact]
    public async Task A_small_message_behind_one_in_parts_waits_whatever_is_chosen_for_a_full_queue()
    {
        using var sender = new FrameSender(Stream.Null, new SendQueueOptions { WhenFull = WhenQueueFull.Drop }, null, 0, static error => Assert.Fail(error.ToString()), TimeProvider.System);
        await sender.TakeTurnAsync(Cancel);
        var behind = sender.SendAsync(Opcode.Text, "x"u8.ToArray(), compress: false, Cancel).AsTask();
        Assert.False(behind.IsCompleted);
        sender.GiveTurnBack();
        await behind.WaitAsync(Patience, Cancel);
        Assert.Equal(0, sender.Dropped);
    }

    [Fact]
    public async Task Who_waits_to_begin_a_message_is_told_at_once_that_it_is_too_late()
    {
        var stream = new HeldStream();
        using var sender = Sender(stream, queueBytes: 1024);
        for (var i = 0; i < 2; i++)
            await sender.SendAsync(Opcode.Text, new byte[900], compress: false, Cancel);
        var forRoom = sender.SendAsync(Opcode.Text, new byte[900], compress: false, Cancel).AsTask();
        var forTurn = sender.SendAsync(Opcode.Text, new byte[900], compress: false, Cancel).AsTask();
        Assert.False(forRoom.IsCompleted || forTurn.IsCompleted);
        sender.SendClose(WebSocketCloseCode.NormalClosure, "");
        Assert.Equal(ErrorCodes.WsClosed, (await Assert.ThrowsAsync<WebSocketException>(() => forRoom.WaitAsync(Patience, Cancel))).Code);
        Assert.Equal(ErrorCodes.WsClosed, (await Assert.ThrowsAsync<WebSocketException>(() => forTurn.WaitAsync(Patience, Cancel))).Code);
        stream.Release();
    }

    [Fact]
    public async Task What_is_taken_to_the_next_connection_does_not_leave_over_this_one_as_well()
    {
        var (old, fresh) = (new HeldStream(), new HeldStream());
        using var sender = Sender(old);
        for (var i = 0; i < 4; i++)
            await sender.SendAsync(Opcode.Text, new byte[100], compress: false, Cancel);
        await old.Begun;
        var unsent = sender.TakeUnsent();
        Assert.Equal((3, 3 * 106), (unsent.Count, unsent.Frames.Length));
        await Assert.ThrowsAsync<WebSocketException>(async () => await sender.SendAsync(Opcode.Text, new byte[1], compress: false, Cancel));
        old.Release();
        await sender.FlushAsync(Cancel).WaitAsync(Patience, Cancel);
        Assert.Equal(106, old.Length);

        using var next = Sender(fresh);
        fresh.Release();
        next.Add(unsent);
        await next.FlushAsync(Cancel).WaitAsync(Patience, Cancel);
        Assert.Equal(3 * 106, fresh.Length);
    }

    [Fact]
    public async Task What_comes_over_to_a_connection_that_has_closed_waits_for_the_one_after_it()
    {
        var stream = new HeldStream();
        stream.Release();
        using var closed = Sender(stream);
        Assert.True(closed.SendClose(WebSocketCloseCode.NormalClosure, ""));
        await closed.FlushAsync(Cancel).WaitAsync(Patience, Cancel);
        var length = stream.Length;
        closed.Add(new UnsentMessages(2, new byte[20], IsCompressed: false));
        await closed.FlushAsync(Cancel).WaitAsync(Patience, Cancel);
        Assert.Equal(length, stream.Length);
        Assert.Equal(2, closed.TakeUnsent().Count);
    }

    [Fact]
    public async Task Half_of_a_message_is_not_taken_along_and_the_whole_ones_before_it_are()
    {
        var stream = new HeldStream();
        using var sender = Sender(stream);
        await sender.SendAsync(Opcode.Text, "first"u8.ToArray(), compress: false, Cancel);
        await stream.Begun;
        await sender.SendAsync(Opcode.Text, "whole"u8.ToArray(), compress: false, Cancel);
        await sender.TakeTurnAsync(Cancel);
        await sender.SendFrameAsync(Opcode.Binary, new byte[100], isFinal: false, isCompressed: false, Cancel);
        var unsent = sender.TakeUnsent();
        Assert.Equal((1, 11), (unsent.Count, unsent.Frames.Length));
        stream.Release();
        sender.GiveTurnBack();
    }

    [Fact]
    public async Task A_message_that_was_cancelled_before_it_left_does_not_spoil_the_compression_of_the_next()
    {
        var stream = new HeldStream();
        using var sender = new FrameSender(stream, new SendQueueOptions { Bytes = 16 * 1024 }, new Deflater(CompressionLevel.Fastest, keepsContext: true), 0, static error => Assert.Fail(error.ToString()), TimeProvider.System);
        var noise = new byte[40_000];
        new Random(1).NextBytes(noise);
        await sender.SendAsync(Opcode.Binary, new byte[1], compress: false, Cancel);
        await stream.Begun;
        await sender.SendAsync(Opcode.Binary, new byte[16_000], compress: false, Cancel);
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var sending = sender.SendAsync(Opcode.Binary, noise, compress: true, giveUp.Token);
        Assert.False(sending.IsCompleted);
        giveUp.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await sending);
        stream.Release();
        await sender.SendAsync(Opcode.Binary, noise.AsMemory(39_000), compress: true, Cancel);
        await sender.FlushAsync(Cancel).WaitAsync(Patience, Cancel);

        // Two frames of 1 and 16,000 bytes, then the one that is compressed, its length in two bytes.
        var frame = stream.ToArray()[(2 + 4 + 1 + 4 + 4 + 16_000)..];
        Assert.Equal(0xC2, frame[0]);
        var payload = frame[8..].Select((octet, i) => (byte)(octet ^ frame[4 + (i & 3)])).Concat((byte[])[0, 0, 255, 255]).ToArray();
        using var inflated = new DeflateStream(new MemoryStream(payload), CompressionMode.Decompress);
        var seen = new byte[1000];
        await inflated.ReadExactlyAsync(seen, Cancel);
        Assert.Equal(noise[39_000..], seen);
    }

    [Fact]
    public async Task A_flush_waits_for_what_was_accepted_before_it_and_fails_where_that_is_lost()
    {
        var stream = new HeldStream();
        using var sender = Sender(stream);
        Assert.True(sender.FlushAsync(Cancel).IsCompletedSuccessfully);
        await sender.SendAsync(Opcode.Text, "first"u8.ToArray(), compress: false, Cancel);
        await stream.Begun;
        var first = sender.FlushAsync(Cancel);
        await sender.SendAsync(Opcode.Text, "second"u8.ToArray(), compress: false, Cancel);
        var second = sender.FlushAsync(Cancel);
        Assert.False(first.IsCompleted || second.IsCompleted);
        stream.Release();
        await Task.WhenAll(first, second).WaitAsync(Patience, Cancel);
        Assert.Equal(11 + 12, stream.Length);

        var stuck = new HeldStream();
        using var failing = Sender(stuck);
        await failing.SendAsync(Opcode.Text, "first"u8.ToArray(), compress: false, Cancel);
        var lost = failing.FlushAsync(Cancel);
        failing.Fail(WebSocketFailure.Closed(null));
        await Assert.ThrowsAsync<WebSocketException>(() => lost);
    }
}

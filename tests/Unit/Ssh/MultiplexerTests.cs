using System.Buffers.Binary;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Ssh;

public class MultiplexerTests
{
    private static readonly Endpoint Peer = new("peer.test", 22);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Channel_is_written_to_within_its_window_and_goes_on_when_there_is_room()
    {
        var (link, connection, channel) = await OpenAsync(window: 10, largestPacket: 4);
        var writing = channel.WriteAsync("0123456789abc"u8.ToArray(), Token).AsTask();
        Assert.Equal(["0123", "4567", "89"], [await DataAsync(link), await DataAsync(link), await DataAsync(link)]);
        Assert.False(writing.IsCompleted);
        connection.Received(MessageWriter.WindowAdjust(channel.Local, 100));
        Assert.Equal("abc", await DataAsync(link));
        await writing;
    }

    [Fact]
    public async Task What_waits_for_the_socket_goes_together_as_far_as_the_peer_takes_it()
    {
        var (link, connection, channel) = await OpenAsync(window: 1000, largestPacket: 8);
        using var room = link.Room = new ManualResetEventSlim();
        await channel.WriteAsync("first"u8.ToArray(), Token);
        Assert.Equal("first", await DataAsync(link));
        foreach (var piece in (string[])["ab", "cd", "efg", "hij"])
            await channel.WriteAsync(System.Text.Encoding.ASCII.GetBytes(piece), Token);
        // What is no data of the channel keeps its place.
        await channel.EndWritingAsync(Token);
        room.Set();
        Assert.Equal(["abcdefg", "hij"], [await DataAsync(link), await DataAsync(link)]);
        Assert.Equal(MessageNumbers.ChannelEof, (await link.SentAsync())[0]);
    }

    [Fact]
    public async Task Data_of_two_channels_is_never_put_together()
    {
        var (link, connection, channel) = await OpenAsync(window: 1000, largestPacket: 100);
        var opening = connection.OpenAsync("session", default, opened => new SessionReader(opened, connection.Sessions), 1000, Token);
        await link.SentAsync();
        connection.Received(MessageWriter.ChannelConfirmation(2, 8, 1000, 100));
        var other = await opening;
        using var room = link.Room = new ManualResetEventSlim();
        await channel.WriteAsync("first"u8.ToArray(), Token);
        Assert.Equal("first", await DataAsync(link));
        await channel.WriteAsync("a"u8.ToArray(), Token);
        await other.WriteAsync("b"u8.ToArray(), Token);
        await other.WriteAsync("c"u8.ToArray(), Token);
        await channel.WriteAsync("d"u8.ToArray(), Token);
        room.Set();
        Assert.Equal(["a", "bc", "d"], [await DataAsync(link), await DataAsync(link), await DataAsync(link)]);
    }

    [Fact]
    public async Task Window_is_given_back_as_bytes_are_read_and_not_before()
    {
        var (link, connection, channel) = await OpenAsync(receiveWindow: 1000);
        var reader = (SessionReader)channel.Reader;
        connection.ReceivedData(channel.Local, new byte[900]);
        Assert.False(link.TrySent(out _));
        var buffer = new byte[2000];
        Assert.Equal(900, await reader.Stdout.ReadAsync(buffer, Token));
        var adjust = await link.SentAsync();
        Assert.Equal((MessageNumbers.ChannelWindowAdjust, 900u), (adjust[0], BinaryPrimitives.ReadUInt32BigEndian(adjust.AsSpan(5))));
    }

    [Fact]
    public async Task Server_that_sends_more_than_the_window_breaks_the_connection()
    {
        var (_, connection, channel) = await OpenAsync(receiveWindow: 1000);
        connection.ReceivedData(channel.Local, new byte[1001]);
        Assert.Equal(ErrorCodes.SshProtocol, connection.End!.Code);
        Assert.Equal(ErrorCodes.SshProtocol, (await Assert.ThrowsAsync<SSHException>(() => ((SessionReader)channel.Reader).Exit)).Code);
    }

    [Fact]
    public async Task Stream_that_nobody_wants_holds_nothing_up()
    {
        var (link, connection, channel) = await OpenAsync(receiveWindow: 1000);
        ((SessionReader)channel.Reader).Stderr.Dispose();
        connection.Received([MessageNumbers.ChannelExtendedData, .. Number(channel.Local), .. Number(1), .. Number(500), .. new byte[500]]);
        Assert.Equal(MessageNumbers.ChannelWindowAdjust, (await link.SentAsync())[0]);
    }

    [Fact]
    public async Task Answers_belong_to_questions_in_their_order()
    {
        var (_, connection, channel) = await OpenAsync();
        var (first, second) = (channel.AskAsync("env", default, Token), channel.AskAsync("exec", default, Token));
        connection.Received(MessageWriter.OfChannel(MessageNumbers.ChannelFailure, channel.Local));
        connection.Received(MessageWriter.OfChannel(MessageNumbers.ChannelSuccess, channel.Local));
        Assert.Equal((false, true), (await first, await second));
    }

    [Fact]
    public async Task Channels_that_nobody_asked_for_are_refused()
    {
        var (link, connection, _) = await OpenAsync();
        connection.Received(MessageWriter.ChannelOpen("x11", 5, 100, 100, default));
        Assert.Equal(MessageNumbers.ChannelOpenFailure, (await link.SentAsync())[0]);
    }

    [Theory, Trait("Cve", "51")]
    [InlineData(MessageNumbers.GlobalRequest)]
    [InlineData(MessageNumbers.ChannelRequest)]
    [InlineData(MessageNumbers.ChannelOpen)]
    public async Task Server_that_asks_and_reads_no_answer_is_left(byte kind)
    {
        var (link, connection, channel) = await OpenAsync();
        using var room = link.Room = new ManualResetEventSlim();
        var question = kind switch
        {
            MessageNumbers.GlobalRequest => MessageWriter.GlobalRequest("keepalive@openssh.com", default),
            MessageNumbers.ChannelRequest => MessageWriter.ChannelRequest(channel.Local, "keepalive@openssh.com", wantsReply: true, default),
            _ => MessageWriter.ChannelOpen("x11", 5, 100, 100, default),
        };
        for (var i = 0; i < 4000; i++)
            connection.Received(question);
        Assert.Null(connection.End);
        for (var i = 0; i < 200; i++)
            connection.Received(question);
        Assert.Equal(ErrorCodes.SshProtocol, connection.End!.Code);
        Assert.Contains("does not read the answers", connection.End.Message);
        room.Set();
    }

    [Fact]
    public async Task Answers_that_are_read_may_be_any_number()
    {
        var (link, connection, _) = await OpenAsync();
        for (var i = 0; i < 10_000; i++)
        {
            connection.Received(MessageWriter.GlobalRequest("keepalive@openssh.com", default));
            Assert.Equal(MessageNumbers.RequestFailure, (await link.SentAsync())[0]);
        }
        Assert.Null(connection.End);
    }

    [Fact]
    public async Task Bytes_of_no_known_kind_reach_no_stream_and_count_all_the_same()
    {
        var (link, connection, channel) = await OpenAsync(receiveWindow: 1000);
        var reader = (SessionReader)channel.Reader;
        connection.Received([MessageNumbers.ChannelExtendedData, .. Number(channel.Local), .. Number(2), .. Number(900), .. new byte[900]]);
        Assert.Equal(MessageNumbers.ChannelWindowAdjust, (await link.SentAsync())[0]);
        connection.ReceivedData(channel.Local, "x"u8);
        Assert.Equal(1, await reader.Stdout.ReadAsync(new byte[2000], Token));
        connection.Received([MessageNumbers.ChannelExtendedData, .. Number(channel.Local), .. Number(2), .. Number(1001), .. new byte[1001]]);
        Assert.Equal(ErrorCodes.SshProtocol, connection.End!.Code);
    }

    [Fact]
    public async Task Tunnel_has_one_stream_and_nothing_of_another_gets_into_it()
    {
        var link = new FakeLink();
        var connection = new Multiplexer(link, Peer, 10, SSHKeepAlive.Off, TimeProvider.System);
        var opening = connection.OpenAsync("direct-tcpip", default, static opened => new TunnelStream(opened), 1000, Token);
        var local = BinaryPrimitives.ReadUInt32BigEndian((await link.SentAsync()).AsSpan(1 + 4 + "direct-tcpip".Length));
        connection.Received(MessageWriter.ChannelConfirmation(local, 7, 1000, 1000));
        var tunnel = (TunnelStream)(await opening).Reader;
        connection.Received([MessageNumbers.ChannelExtendedData, .. Number(local), .. Number(1), .. Number(3), .. "err"u8]);
        connection.ReceivedData(local, "out"u8);
        var buffer = new byte[100];
        Assert.Equal("out", System.Text.Encoding.ASCII.GetString(buffer, 0, await tunnel.ReadAsync(buffer, Token)));
    }

    [Fact]
    public async Task Connection_of_any_number_of_sessions_ends_as_others_do()
    {
        var link = new FakeLink();
        var connection = new Multiplexer(link, Peer, int.MaxValue, SSHKeepAlive.Off, TimeProvider.System);
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = connection.Over.Register(over.SetResult);
        connection.Ended(new NetworkFailure { Code = ErrorCodes.SshDisconnected, Message = "gone" }.ToException());
        await over.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    [Fact]
    public async Task Message_that_cannot_be_read_ends_the_connection()
    {
        var (_, connection, channel) = await OpenAsync();
        connection.Received([MessageNumbers.ChannelWindowAdjust, .. Number(channel.Local), 0]);
        Assert.Equal(ErrorCodes.SshProtocol, connection.End!.Code);
    }

    [Fact]
    public async Task Silent_server_is_asked_and_given_up()
    {
        var clock = new FakeTimeProvider();
        var link = new FakeLink();
        var connection = new Multiplexer(link, Peer, 1, new SSHKeepAlive { Interval = TimeSpan.FromSeconds(10), Unanswered = 2 }, clock);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(MessageNumbers.GlobalRequest, (await link.SentAsync())[0]);
        connection.Received([MessageNumbers.RequestFailure]);
        clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(connection.End);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(ErrorCodes.SshDisconnected, connection.End!.Code);
        Assert.Contains("2 probes", connection.End.Message);
    }

    [Fact]
    public async Task End_of_the_connection_reaches_everybody_who_waits()
    {
        var (_, connection, channel) = await OpenAsync(window: 0);
        var (write, ask, global) = (channel.WriteAsync(new byte[1], Token).AsTask(), channel.AskAsync("exec", default, Token), connection.AskAsync("x", default, Token));
        connection.Ended(new NetworkFailure { Code = ErrorCodes.SshDisconnected, Message = "gone" }.ToException());
        foreach (var task in (Task[])[write, ask, global, ((SessionReader)channel.Reader).Exit])
            Assert.Equal(ErrorCodes.SshDisconnected, (await Assert.ThrowsAsync<SSHException>(() => task)).Code);
        await Assert.ThrowsAsync<SSHException>(() => connection.OpenAsync("session", default, opened => new SessionReader(opened, new SemaphoreSlim(1)), 1000, Token));
    }

    [Fact]
    public async Task Lines_are_cut_where_they_end_and_where_they_are_too_long()
    {
        var (_, connection, channel) = await OpenAsync();
        var process = new SSHProcess(channel);
        connection.ReceivedData(channel.Local, "one\r\ntw"u8);
        connection.ReceivedData(channel.Local, "o\n\nlooooong\nrest"u8);
        connection.Received(MessageWriter.OfChannel(MessageNumbers.ChannelEof, channel.Local));
        var lines = new List<string>();
        await foreach (var line in process.ReadLinesAsync(4, Token))
            lines.Add(line);
        Assert.Equal(["one", "two", "", "looo", "oong", "rest"], lines);
    }

    private static byte[] Number(uint value) => new WireWriter().UInt32(value).ToArray();

    private static async Task<string> DataAsync(FakeLink link) => System.Text.Encoding.ASCII.GetString((await link.SentAsync()).AsSpan(9));

    private static async Task<(FakeLink Link, Multiplexer Connection, SshChannel Channel)> OpenAsync(uint window = 1 << 20, uint largestPacket = 32768, int receiveWindow = 1 << 20)
    {
        var link = new FakeLink();
        var connection = new Multiplexer(link, Peer, 10, SSHKeepAlive.Off, TimeProvider.System);
        var opening = connection.OpenAsync("session", default, channel => new SessionReader(channel, connection.Sessions), receiveWindow, Token);
        var open = await link.SentAsync();
        Assert.Equal(MessageNumbers.ChannelOpen, open[0]);
        connection.Received([MessageNumbers.ChannelOpenConfirmation, .. Number(1), .. Number(7), .. Number(window), .. Number(largestPacket)]);
        return (link, connection, await opening);
    }
}

using System.Text;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;
using static Codomyrmex.Networking.Tests.Unit.Sockets.Pairs;

namespace Codomyrmex.Networking.Tests.Unit.Sockets;

/// <summary>A peer that answers and closes before it has taken everything: what it said is received, though a send has failed.</summary>
public sealed class EarlyAnswerTests : IDisposable
{
    private static readonly TCPClientOptions LineClient = new() { Framing = Framing.Lines, Retry = RetryOptions.None };

    private readonly TestCertificateAuthority _authority = new();

    public void Dispose() => _authority.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_had_arrived_is_received_after_a_send_has_failed(bool overTls)
    {
        await using var server = AnswersAndResets(overTls);
        await using var client = ClientOf(server, overTls);
        var connection = await GivenUpAsync(client);

        var failed = await FailsAsync(async () => await connection.SendAsync("more", Stop), "tcp.reset");
        Assert.Equal((WasSent.Maybe, NetworkPhase.Send), (failed.WasSent, failed.Phase));
        Assert.False(connection.IsOpen);
        var later = await FailsAsync(async () => await connection.SendAsync("yet more", Stop), "tcp.reset");
        Assert.Equal(WasSent.Never, later.WasSent);

        Assert.Equal("one", (await connection.ReceiveAsync(Stop)).Text());
        Assert.Equal("two", (await connection.TryReceiveAsync(Stop)).Text());
        var ended = await FailsAsync(async () => await connection.TryReceiveAsync(Stop), "tcp.reset");
        Assert.Equal((failed.Message, NetworkPhase.Send, WasSent.Maybe), (ended.Message, ended.Phase, ended.WasSent));
        await FailsAsync(async () => await connection.ReceiveAsync(Stop), "tcp.reset");
        await FailsAsync(async () => await connection.EndSendingAsync(Stop), "tcp.reset");
    }

    [Fact]
    public async Task A_peer_that_closes_in_an_orderly_way_is_heard_to_the_end_too()
    {
        var closed = new TaskCompletionSource();
        await using var server = ScriptedServer.Start(async (connection, stop) =>
        {
            await connection.ReadBytesAsync(2, stop);
            await connection.SendAsync("busy\n", stop);
            await connection.CloseAsync();
            closed.SetResult();
        });
        await using var client = ClientOf(server);
        var connection = await client.ConnectAsync(Stop);
        await closed.Task.WaitAsync(Patience, Stop);
        // This one is what the closed peer resets.
        await connection.SendAsync("more", Stop);
        Becomes(() => connection.End.IsGivenUp, "the peer reset the connection");
        var failed = await FailsAsync(async () => await connection.SendAsync("more", Stop), "tcp.reset");
        Assert.Equal("busy", (await connection.ReceiveAsync(Stop)).Text());
        Assert.Equal(failed.Message, (await FailsAsync(async () => await connection.ReceiveAsync(Stop), "tcp.reset")).Message);
    }

    [Fact]
    public async Task What_a_receive_begins_to_send_in_vain_takes_nothing_from_it()
    {
        await using var server = AnswersAndResets();
        await using var client = ClientOf(server);
        var connection = await GivenUpAsync(client);
        await connection.WriteAsync("gathered"u8.ToArray(), Stop);
        Assert.Equal("one", (await connection.ReceiveAsync(Stop)).Text());
        Assert.Equal("two", (await connection.ReceiveAsync(Stop)).Text());
        await FailsAsync(async () => await connection.FlushAsync(Stop), "tcp.reset");
        await FailsAsync(async () => await connection.TryReceiveAsync(Stop), "tcp.reset");
    }

    [Fact]
    public async Task A_reset_is_never_taken_for_an_end_though_a_send_was_told_of_it()
    {
        await using var server = ScriptedServer.Start(async (connection, stop) =>
        {
            await connection.ReadBytesAsync(1000, stop);
            await connection.SendAsync("answer\n", stop);
            connection.Reset();
        });
        for (var i = 0; i < 100; i++)
        {
            await using var client = ClientOf(server);
            var connection = await client.ConnectAsync(Stop);
            var sending = Task.Run(() => connection.SendAsync(new string('x', 8_000_000), Stop).AsTask(), Stop);
            Assert.Equal("answer", (await connection.ReceiveAsync(Stop).AsTask().WaitAsync(Patience, Stop)).Text());
            await FailsAsync(async () => await connection.TryReceiveAsync(Stop), "tcp.reset");
            await FailsAsync(() => sending, "tcp.reset");
        }
    }

    [Fact]
    public async Task A_request_whose_answer_comes_before_all_of_it_was_taken_is_answered()
    {
        await using var server = ScriptedServer.Start(async (connection, stop) =>
        {
            await connection.ReadBytesAsync(3, stop);
            await connection.SendAsync($"answer {connection.Index}\n", stop);
            if (connection.Index == 0)
                connection.Reset();
            else
                await connection.StallAsync(stop);
        });
        await using var client = ClientOf(server);
        Assert.Equal("answer 0", Encoding.UTF8.GetString(await client.RequestAsync(new byte[8_000_000], Stop)));
        // Nothing can be sent on that connection: the next request has another.
        Assert.Equal("answer 1", Encoding.UTF8.GetString(await client.RequestAsync("short"u8.ToArray(), Stop)));
        Assert.Equal(2, server.ConnectionCount);
    }

    [Fact]
    public async Task A_request_that_gets_no_answer_says_why_it_could_not_be_sent()
    {
        await using var server = ScriptedServer.Start(async (connection, stop) =>
        {
            await connection.ReadBytesAsync(3, stop);
            connection.Reset();
        });
        await using var client = ClientOf(server);
        var error = await FailsAsync(() => client.RequestAsync(new byte[8_000_000], Stop), "tcp.reset");
        Assert.Equal(WasSent.Maybe, error.WasSent);
        Assert.Null(client.Connection);
    }

    [Fact]
    public async Task After_a_failed_send_a_receive_hears_the_peer_out_and_the_next_call_connects_again()
    {
        await using var server = AnswersAndResets();
        await using var client = ClientOf(server);
        await GivenUpAsync(client);
        await FailsAsync(async () => await client.SendAsync("more", Stop), "tcp.reset");
        Assert.Null(client.Connection);
        Assert.Equal("one", (await client.ReceiveAsync(Stop)).Text());
        Assert.Equal("two", (await client.ReceiveAsync(Stop)).Text());
        await FailsAsync(async () => await client.ReceiveAsync(Stop), "tcp.reset");
        Assert.Equal(1, server.ConnectionCount);
        Assert.Equal("one", (await client.ReceiveAsync(Stop)).Text());
        Assert.Equal(2, server.ConnectionCount);
    }

    [Fact]
    public async Task After_a_failed_send_another_send_connects_again()
    {
        await using var server = AnswersAndResets();
        await using var client = ClientOf(server);
        var before = await GivenUpAsync(client);
        await FailsAsync(async () => await client.SendAsync("more", Stop), "tcp.reset");
        var after = await client.ConnectAsync(Stop);
        Assert.NotSame(before, after);
        Becomes(() => server.ConnectionCount == 2, "there was another connection");
    }

    [Fact]
    public async Task Without_reconnecting_sends_keep_failing_and_what_had_arrived_is_received()
    {
        await using var server = AnswersAndResets();
        await using var client = ClientOf(server, options: LineClient with { Reconnect = false });
        await GivenUpAsync(client);
        await FailsAsync(async () => await client.SendAsync("more", Stop), "tcp.reset");
        await FailsAsync(async () => await client.SendAsync("more", Stop), "tcp.reset");
        Assert.Equal("one", (await client.ReceiveAsync(Stop)).Text());
        Assert.Equal("two", (await client.ReceiveAsync(Stop)).Text());
        await FailsAsync(async () => await client.ReceiveAsync(Stop), "tcp.reset");
        Assert.Equal(1, server.ConnectionCount);
    }

    [Fact]
    public async Task A_stream_that_takes_nothing_more_may_still_have_something_to_say()
    {
        var pair = StreamPair.Create();
        var options = LineClient with { Transport = TransportOptions.Default with { DialOver = (_, _) => ValueTask.FromResult<Stream>(new DeafStream(pair.Client)) } };
        await using var client = new TCPClient("x.test", 1, options);
        var connection = await client.ConnectAsync(Stop);
        await FailsAsync(async () => await connection.SendAsync("x", Stop), "tcp.closed_early");
        await pair.Server.WriteAsync("later\n"u8.ToArray(), Stop);
        Assert.Equal("later", (await connection.ReceiveAsync(Stop)).Text());
        await pair.Server.DisposeAsync();
        await FailsAsync(async () => await connection.TryReceiveAsync(Stop), "tcp.closed_early");
    }

    [Fact]
    public async Task A_relay_passes_on_what_the_broken_one_had_said()
    {
        await using var server = ScriptedServer.Start(async (connection, stop) =>
        {
            await connection.ReadBytesAsync(3, stop);
            await connection.SendAsync("refused\n", stop);
            connection.Reset();
        });
        await using var relay = TCPServer.Start(async (near, stop) =>
        {
            await using var far = await TCPClient.ConnectAsync("127.0.0.1", server.Port, cancellationToken: stop);
            await TCPRelay.RunAsync(near, await far.ConnectAsync(stop), cancellationToken: stop);
        });
        await using var client = new TCPClient("127.0.0.1", relay.Port, LineClient);
        Assert.Equal("refused", Encoding.UTF8.GetString(await client.RequestAsync(new byte[8_000_000], Stop)));
    }

    /// <summary>A server that says two lines to whoever has said two bytes, and resets the connection.</summary>
    private ScriptedServer AnswersAndResets(bool overTls = false) => ScriptedServer.Start(async (connection, stop) =>
    {
        if (overTls)
            await connection.AuthenticateAsync(new LoopbackTlsOptions { Certificate = _authority.Issue() }, stop);
        await connection.ReadBytesAsync(2, stop);
        await connection.SendAsync("one\ntwo\n", stop);
        connection.Reset();
    });

    private TCPClient ClientOf(ScriptedServer server, bool overTls = false, TCPClientOptions? options = null) =>
        new("127.0.0.1", server.Port, (options ?? LineClient) with
        {
            UseTls = overTls,
            Transport = TransportOptions.Default with { Tls = new TlsOptions { TrustedRoots = [_authority.Root] } },
            Connected = static (connection, stop) => connection.AsStream().WriteAsync("go"u8.ToArray(), stop),
        });

    /// <summary>A client's connection that the peer has reset, which nobody has been told yet.</summary>
    private static async Task<TCPConnection> GivenUpAsync(TCPClient client)
    {
        var connection = await client.ConnectAsync(Stop);
        Becomes(() => connection.End.IsGivenUp, "the peer reset the connection");
        return connection;
    }

    /// <summary>Takes nothing, and lets the other side speak.</summary>
    private sealed class DeafStream(Stream inner) : DuplexStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("Nobody reads.");

        protected override void Dispose(bool disposing) => inner.Dispose();
    }
}

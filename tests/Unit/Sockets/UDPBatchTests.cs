using System.Net;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using static Codomyrmex.Networking.Tests.Unit.Sockets.Pairs;

namespace Codomyrmex.Networking.Tests.Unit.Sockets;

/// <summary>Table TCP/UDP, row 22: many datagrams at a time.</summary>
public sealed class UDPBatchTests
{
    private static readonly IPEndPoint Any4 = new(IPAddress.Loopback, 0);

    private static UDPClientOptions Roomy(bool coalesced = false) => new()
    {
        CoalesceReceived = coalesced,
        Transport = Codomyrmex.Networking.Transport.TransportOptions.Default with { ReceiveBufferSize = 4 << 20 },
    };

    private static async Task<List<(int Length, byte First, bool IsTruncated)>> ReceiveAsync(UDPClient client, UDPBatch batch, int count)
    {
        var all = new List<(int, byte, bool)>();
        while (all.Count < count)
        {
            var received = await client.ReceiveBatchAsync(batch, Stop).AsTask().WaitAsync(Patience, Stop);
            for (var i = 0; i < received; i++)
                all.Add((batch[i].Data.Length, batch[i].Data.Span[0], batch[i].IsTruncated));
        }
        return all;
    }

    [Fact]
    public async Task Batch_is_sent_and_received_in_order_and_goes_back_as_it_is()
    {
        await using var server = UDPClient.Bind(Any4, Roomy());
        await using var client = await UDPClient.ConnectAsync("127.0.0.1", server.Port, Roomy(), Stop);
        var batch = new UDPBatch(32, 100);
        for (var i = 0; i < 32; i++)
            Assert.True(batch.TryAdd([(byte)i, .. new byte[i]]));
        Assert.False(batch.TryAdd("full"u8));
        await client.SendBatchAsync(batch, Stop);
        var received = new UDPBatch(8, 100);
        var next = 0;
        while (next < 32)
        {
            var count = await server.ReceiveBatchAsync(received, Stop).AsTask().WaitAsync(Patience, Stop);
            Assert.InRange(count, 1, 8);
            for (var i = 0; i < count; i++, next++)
                Assert.Equal((next + 1, (byte)next, client.LocalEndPoint), (received[i].Data.Length, received[i].Data.Span[0], received[i].RemoteEndPoint));
            await server.SendBatchAsync(received, Stop);
        }
        Assert.Equal(Enumerable.Range(0, 32).Select(i => (i + 1, (byte)i, false)), await ReceiveAsync(client, new UDPBatch(), 32));
        Assert.Equal((32, 32), (client.GetStatistics().Sent, client.GetStatistics().Received));
    }

    [Fact]
    public async Task Batch_of_a_bound_client_goes_to_many_of_both_families()
    {
        await using var one = UDPClient.Bind(Any4);
        await using var other = UDPClient.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        await using var client = UDPClient.Bind();
        var batch = new UDPBatch();
        for (var i = 0; i < 10; i++)
            batch.TryAdd([(byte)i], i % 2 == 0 ? one.LocalEndPoint : other.LocalEndPoint);
        await client.SendBatchAsync(batch, Stop);
        Assert.Equal([0, 2, 4, 6, 8], (await ReceiveAsync(one, new UDPBatch(), 5)).Select(one => (int)one.First));
        Assert.Equal([1, 3, 5, 7, 9], (await ReceiveAsync(other, new UDPBatch(), 5)).Select(one => (int)one.First));
    }

    [Fact]
    public async Task Datagrams_of_one_length_in_a_row_stay_the_datagrams_that_they_are()
    {
        await using var one = UDPClient.Bind(Any4, Roomy());
        await using var other = UDPClient.Bind(Any4, Roomy());
        await using var client = UDPClient.Bind(Any4, Roomy());
        // Runs, a last one that is shorter, one that is longer, an empty one, one that no run takes, more than one call takes, and another peer in between.
        int[] lengths = [100, 100, 100, 40, 100, 101, 0, 0, 100, 1232, 1232, 1233, 1233, 1233, 1472, 1472, .. Enumerable.Repeat(7, 150), 3, 3, 3];
        var batch = new UDPBatch(lengths.Length + 1, 1500);
        foreach (var (i, length) in lengths.Index())
        {
            Assert.True(batch.TryAdd(Enumerable.Repeat((byte)i, length).ToArray(), one.LocalEndPoint));
            if (i == lengths.Length - 2)
                Assert.True(batch.TryAdd("abc"u8, other.LocalEndPoint));
        }
        await client.SendBatchAsync(batch, Stop);
        var received = new UDPBatch(64, 1500);
        var next = 0;
        while (next < lengths.Length)
        {
            var count = await one.ReceiveBatchAsync(received, Stop).AsTask().WaitAsync(Patience, Stop);
            for (var i = 0; i < count; i++, next++)
                Assert.Equal(Enumerable.Repeat((byte)next, lengths[next]), received[i].Data.ToArray());
        }
        Assert.Equal("abc", (await other.ReceiveAsync(Stop)).Data.Text());
        Assert.Equal(lengths.Length + 1, client.GetStatistics().Sent);
    }

    [Fact]
    public async Task A_run_of_datagrams_that_nobody_takes_is_told()
    {
        var gone = UDPClient.Bind(Any4);
        var nobody = gone.LocalEndPoint!;
        await gone.DisposeAsync();
        await using var client = await UDPClient.ConnectAsync("127.0.0.1", nobody.Port, null, Stop);
        var batch = new UDPBatch();
        while (batch.TryAdd("run"u8))
        {
        }
        await client.SendBatchAsync(batch, Stop);
        await FailsAsync(async () => await client.ReceiveBatchAsync(new UDPBatch(), Stop), "udp.refused");
        await FailsAsync(async () =>
        {
            while (true)
                await client.SendBatchAsync(batch, Stop);
        }, "udp.refused");
    }

    [Fact]
    public async Task Batch_reports_what_was_cut_off()
    {
        await using var server = UDPClient.Bind(Any4);
        await using var client = await UDPClient.ConnectAsync("127.0.0.1", server.Port, null, Stop);
        foreach (var length in (int[])[10, 11, 75, 9000])
            await client.SendAsync(new byte[length], Stop);
        var all = await ReceiveAsync(server, new UDPBatch(4, 10), 4);
        Assert.Equal([(10, false), (10, true), (10, true), (10, true)], all.Select(one => (one.Length, one.IsTruncated)));
        Assert.Equal(3, server.GetStatistics().Truncated);
    }

    [Fact]
    public async Task Receive_of_a_batch_waits_and_can_be_cancelled()
    {
        await using var server = UDPClient.Bind(Any4);
        var batch = new UDPBatch();
        using var cancel = new CancellationTokenSource();
        var waiting = server.ReceiveBatchAsync(batch, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        waiting = server.ReceiveBatchAsync(batch, Stop).AsTask();
        Assert.False(waiting.IsCompleted);
        await using var client = await UDPClient.ConnectAsync("127.0.0.1", server.Port, null, Stop);
        await client.SendAsync("x", Stop);
        Assert.Equal(1, await waiting.WaitAsync(Patience, Stop));
    }

    [Fact]
    public async Task Nobody_at_the_port_is_told_to_who_sends_or_receives_batches()
    {
        var gone = UDPClient.Bind(Any4);
        var nobody = gone.LocalEndPoint!;
        await gone.DisposeAsync();
        await using var client = await UDPClient.ConnectAsync("127.0.0.1", nobody.Port, null, Stop);
        var batch = new UDPBatch();
        batch.TryAdd("x"u8);
        await client.SendBatchAsync(batch, Stop);
        await FailsAsync(async () => await client.ReceiveBatchAsync(new UDPBatch(), Stop), "udp.refused");
        await FailsAsync(async () =>
        {
            while (true)
                await client.SendBatchAsync(batch, Stop);
        }, "udp.refused");
    }

    [Fact]
    public async Task Bytes_are_cut_into_datagrams_of_one_length()
    {
        await using var server = UDPClient.Bind(Any4, Roomy());
        await using var client = await UDPClient.ConnectAsync("127.0.0.1", server.Port, null, Stop);
        var bytes = new byte[1005];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(i / 10);
        await client.SendSegmentsAsync(bytes, 10, Stop);
        var all = await ReceiveAsync(server, new UDPBatch(), 101);
        Assert.Equal(Enumerable.Range(0, 101).Select(i => (i == 100 ? 5 : 10, (byte)i, false)), all);
        Assert.Equal(101, client.GetStatistics().Sent);
        await using var bound = UDPClient.Bind();
        await bound.SendSegmentsAsync(bytes.AsMemory(0, 5), 10, server.LocalEndPoint!, Stop);
        Assert.Equal((5, 0, false), Assert.Single(await ReceiveAsync(server, new UDPBatch(), 1)));
        await bound.SendSegmentsAsync(new byte[130_000], 60_000, server.LocalEndPoint!, Stop);
        Assert.Equal([60_000, 60_000, 10_000], (await ReceiveAsync(server, new UDPBatch(4, 65_535), 3)).Select(one => one.Length));
    }

    [Fact]
    public async Task What_the_kernel_put_together_is_taken_apart()
    {
        await using var server = UDPClient.Bind(Any4, Roomy(coalesced: true));
        await using var client = await UDPClient.ConnectAsync("127.0.0.1", server.Port, null, Stop);
        var bytes = new byte[605];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(i / 10);
        await client.SendSegmentsAsync(bytes, 10, Stop);
        var batch = new UDPBatch(4, 65_535);
        Assert.Equal(Enumerable.Range(0, 61).Select(i => (i == 60 ? 5 : 10, (byte)i, false)), await ReceiveAsync(server, batch, 61));
        if (batch.Count > batch.Capacity)
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await server.SendBatchAsync(batch, Stop));
        // One by one too.
        await client.SendSegmentsAsync(bytes, 10, Stop);
        for (var i = 0; i < 61; i++)
            Assert.Equal((byte)i, (await server.ReceiveAsync(Stop).AsTask().WaitAsync(Patience, Stop)).Data.Span[0]);
        await Assert.ThrowsAsync<ArgumentException>(async () => await server.ReceiveBatchAsync(new UDPBatch(), Stop));
        Assert.Throws<InvalidOperationException>(() => server.ReceiveLoop(static (_, _, _) => true, Stop));
    }

    [Fact]
    public async Task Loop_receives_on_its_own_thread_until_it_has_enough()
    {
        await using var server = UDPClient.Bind(Any4, Roomy() with { MaxDatagramBytes = 100 });
        await using var client = await UDPClient.ConnectAsync("127.0.0.1", server.Port, null, Stop);
        var all = new List<(int, IPEndPoint, bool)>();
        var loop = Task.Factory.StartNew(() => server.ReceiveLoop((data, remote, isTruncated) =>
        {
            all.Add((data.Length, remote, isTruncated));
            return all.Count < 5;
        }, Stop), TaskCreationOptions.LongRunning);
        for (var i = 98; i < 103; i++)
            await client.SendAsync(new byte[i], Stop);
        await loop.WaitAsync(Patience, Stop);
        Assert.Equal([(98, false), (99, false), (100, false), (100, true), (100, true)], all.Select(one => (one.Item1, one.Item3)));
        Assert.All(all, one => Assert.Equal(client.LocalEndPoint, one.Item2));
    }

    [Fact]
    public async Task Loop_ends_with_its_token_and_with_the_client()
    {
        var server = UDPClient.Bind(Any4);
        using var cancel = new CancellationTokenSource();
        var loop = Task.Factory.StartNew(() => server.ReceiveLoop(static (_, _, _) => true, cancel.Token), TaskCreationOptions.LongRunning);
        await cancel.CancelAsync();
        await loop.WaitAsync(Patience, Stop);
        loop = Task.Factory.StartNew(() => server.ReceiveLoop(static (_, _, _) => true), TaskCreationOptions.LongRunning);
        await server.DisposeAsync();
        await loop.WaitAsync(Patience, Stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Assert.True(loop.IsCompletedSuccessfully || loop.Exception?.InnerException is ObjectDisposedException, loop.Exception?.ToString());
    }

    [Fact]
    public async Task Loop_of_a_connected_client_hears_that_nobody_is_there_and_one_of_a_bound_client_goes_on()
    {
        var gone = UDPClient.Bind(Any4);
        var nobody = gone.LocalEndPoint!;
        await gone.DisposeAsync();
        await using var client = await UDPClient.ConnectAsync("127.0.0.1", nobody.Port, null, Stop);
        await client.SendAsync("x", Stop);
        Assert.Equal("udp.refused", Assert.Throws<ConnectionException>(() => client.ReceiveLoop(static (_, _, _) => true, Stop)).Code);
        await using var echo = LoopbackUDPServer.Start();
        await using var bound = UDPClient.Bind(Any4);
        await bound.SendAsync("x"u8.ToArray(), nobody, Stop);
        await bound.SendAsync("y"u8.ToArray(), echo.EndPoint, Stop);
        var heard = "";
        await Task.Factory.StartNew(() => bound.ReceiveLoop((data, _, _) =>
        {
            heard = System.Text.Encoding.ASCII.GetString(data);
            return false;
        }, Stop), TaskCreationOptions.LongRunning).WaitAsync(Patience, Stop);
        Assert.Equal("y", heard);
    }

    [Fact]
    public async Task Mistakes_with_batches_are_told_as_such()
    {
        Assert.Throws<ArgumentException>(() => new UDPBatch(4, 10).TryAdd(new byte[11]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new UDPBatch(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new UDPBatch(1, 65_536));
        Assert.Throws<ArgumentOutOfRangeException>(() => new UDPBatch()[0]);
        await using var bound = UDPClient.Bind(Any4);
        var batch = new UDPBatch();
        batch.TryAdd("to whom?"u8);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await bound.SendBatchAsync(batch, Stop));
    }
}

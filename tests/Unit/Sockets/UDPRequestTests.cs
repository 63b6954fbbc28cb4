using System.Diagnostics;
using System.Net;
using System.Text;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Unit.Http;
using static Codomyrmex.Networking.Tests.Unit.Sockets.Pairs;

namespace Codomyrmex.Networking.Tests.Unit.Sockets;

/// <summary>Table TCP/UDP, row 20: UDP request and reply, correlated, retransmitted, its source checked; and row 29 of these.</summary>
public sealed class UDPRequestTests
{
    private static readonly UDPRequestOptions Plain = new() { Jitter = static () => 0 };
    private static readonly UDPCorrelation SameId = UDPCorrelations.SameBytes(0, 2);

    private static Task<UDPClient> ConnectAsync(LoopbackUDPServer server, UDPClientOptions? options = null) =>
        UDPClient.ConnectAsync("127.0.0.1", server.Port, (options ?? UDPClientOptions.Default) with { Request = Plain }, Stop);

    private static ReadOnlyMemory<byte> Request(int id, string text = "question") => (byte[])[(byte)(id >> 8), (byte)id, .. Encoding.ASCII.GetBytes(text)];

    private static async Task PassAsync(ObservedClock clock, double seconds)
    {
        await clock.SetAsync(TimeSpan.FromSeconds(seconds));
        clock.Advance(TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public async Task Reply_comes_back_as_the_callers_own()
    {
        await using var server = LoopbackUDPServer.Start();
        await using var client = await ConnectAsync(server);
        var one = await client.RequestAsync(Request(1, "one"), SameId, null, Stop);
        var two = await client.RequestAsync(Request(2, "two"), SameId, null, Stop);
        Assert.Equal((Request(1, "one").Text(), Request(2, "two").Text(), server.EndPoint), (one.Data.Text(), two.Data.Text(), two.RemoteEndPoint));
    }

    [Fact]
    public async Task Lost_request_is_sent_again_with_growing_waits()
    {
        var clock = new ObservedClock();
        await using var server = LoopbackUDPServer.Start();
        server.Inject(DatagramFault.Drop with { Times = 3 });
        await using var client = await ConnectAsync(server, new UDPClientOptions { Clock = clock });
        var asking = client.RequestAsync(Request(7), SameId, null, Stop);
        foreach (var wait in (double[])[1, 2, 4])
            await PassAsync(clock, wait);
        Assert.Equal(Request(7).Text(), (await asking.WaitAsync(Patience, Stop)).Data.Text());
        Assert.Equal(4, server.Received.Count);
        Assert.All(server.Received, sent => Assert.Equal(Request(7).ToArray(), sent));
        Assert.Equal(3, client.GetStatistics().Retransmitted);
    }

    [Fact]
    public async Task Silence_ends_in_a_timeout_that_tells_every_sending()
    {
        var clock = new ObservedClock();
        await using var server = LoopbackUDPServer.Start();
        server.Inject(DatagramFault.Drop);
        await using var client = await ConnectAsync(server, new UDPClientOptions { Clock = clock });
        var asking = client.RequestAsync(Request(7), SameId, null, Stop);
        foreach (var wait in (double[])[1, 2, 4, 8])
            await PassAsync(clock, wait);
        var error = await FailsAsync(() => asking, "timeout.first_byte");
        Assert.IsType<NetworkTimeoutException>(error);
        Assert.Equal((WasSent.Maybe, true, new Endpoint("127.0.0.1", server.Port)), (error.WasSent, error.IsTransient, error.Endpoint));
        Assert.Equal([1.0, 2, 4, 8], error.Attempts.Select(attempt => attempt.Elapsed.TotalSeconds));
        Assert.All(error.Attempts, attempt => Assert.Equal((server.EndPoint.ToString(), "timeout.first_byte"), (attempt.Address, attempt.Code)));
        Assert.Contains("sent 4 times", error.Message);
    }

    [Fact]
    public async Task Waits_stop_growing_and_are_spread()
    {
        var clock = new ObservedClock();
        await using var server = LoopbackUDPServer.Start();
        server.Inject(DatagramFault.Drop);
        await using var client = await ConnectAsync(server, new UDPClientOptions { Clock = clock });
        var options = new UDPRequestOptions { Transmissions = 3, FirstWait = TimeSpan.FromSeconds(2), MaxWait = TimeSpan.FromSeconds(3), Spread = 0.5, Jitter = static () => 0.5 };
        var asking = client.RequestAsync(Request(7), SameId, options, Stop);
        foreach (var wait in (double[])[2.5, 3.75, 3.75])
            await PassAsync(clock, wait);
        await FailsAsync(() => asking, "timeout.first_byte");
    }

    [Fact]
    public async Task Deadline_ends_the_repetitions()
    {
        var clock = new ObservedClock();
        await using var server = LoopbackUDPServer.Start();
        server.Inject(DatagramFault.Drop);
        await using var client = await ConnectAsync(server, new UDPClientOptions { Clock = clock, Timeouts = Timeouts.Default with { Total = TimeSpan.FromSeconds(2.5) } });
        var asking = client.RequestAsync(Request(7), SameId, null, Stop);
        await PassAsync(clock, 1);
        await clock.SetAsync(TimeSpan.FromSeconds(2));
        clock.Advance(TimeSpan.FromSeconds(1.5));
        var error = await FailsAsync(() => asking, "timeout.total");
        Assert.Equal(2, error.Attempts.Count);
        Assert.Equal(TimeoutKind.Total, ((NetworkTimeoutException)error).Kind);
    }

    [Fact]
    public async Task Late_reply_to_an_earlier_sending_counts()
    {
        var clock = new ObservedClock();
        await using var server = LoopbackUDPServer.Start();
        server.Inject(DatagramFault.Reorder with { Times = 1 });
        server.Inject(DatagramFault.Drop with { Times = 1 });
        await using var client = await ConnectAsync(server, new UDPClientOptions { Clock = clock });
        var asking = client.RequestAsync(Request(7), SameId, null, Stop);
        await PassAsync(clock, 1);
        Assert.Equal(Request(7).Text(), (await asking.WaitAsync(Patience, Stop)).Data.Text());
    }

    [Fact, Trait("Cve", "56")]
    public async Task Reply_from_another_source_is_dropped_and_counted()
    {
        var clock = new ObservedClock();
        await using var server = LoopbackUDPServer.Start();
        server.Inject(DatagramFault.FromElsewhere with { Times = 1 });
        await using var client = UDPClient.Bind(new IPEndPoint(IPAddress.Loopback, 0), new UDPClientOptions { Clock = clock, Request = Plain });
        var asking = client.RequestAsync(Request(7), server.EndPoint, SameId, null, Stop);
        Becomes(() => client.GetStatistics().FromElsewhere == 1, "it was dropped");
        Assert.False(asking.IsCompleted);
        await PassAsync(clock, 1);
        Assert.Equal(server.EndPoint, (await asking.WaitAsync(Patience, Stop)).RemoteEndPoint);
    }

    [Fact, Trait("Cve", "56")]
    public async Task Reply_with_another_identifier_is_dropped_and_counted()
    {
        var clock = new ObservedClock();
        await using var server = LoopbackUDPServer.Start();
        server.Inject(DatagramFault.Corrupt with { Times = 1 });
        server.Inject(DatagramFault.Truncate with { Times = 1 });
        await using var client = await ConnectAsync(server, new UDPClientOptions { Clock = clock });
        var asking = client.RequestAsync(Request(7, ""), SameId, null, Stop);
        Becomes(() => client.GetStatistics().Unmatched == 1, "another identifier");
        await PassAsync(clock, 1);
        Becomes(() => client.GetStatistics().Unmatched == 2, "half an identifier");
        await PassAsync(clock, 2);
        Assert.Equal(Request(7, "").ToArray(), (await asking.WaitAsync(Patience, Stop)).Data.ToArray());
    }

    [Fact]
    public async Task Second_copy_of_a_reply_disturbs_nobody()
    {
        await using var server = LoopbackUDPServer.Start();
        server.Inject(DatagramFault.Duplicate);
        await using var client = await ConnectAsync(server);
        for (var i = 0; i < 50; i++)
            Assert.Equal(Request(i).ToArray(), (await client.RequestAsync(Request(i), SameId, null, Stop)).Data.ToArray());
    }

    [Fact]
    public async Task Many_requests_go_on_beside_each_other_and_each_gets_its_reply()
    {
        await using var server = LoopbackUDPServer.Start();
        server.Inject(DatagramFault.Reorder with { Times = 1 });
        server.Inject(DatagramFault.Duplicate with { Times = 1 });
        await using var client = UDPClient.Bind(null, new UDPClientOptions { MaxRequests = 10, Request = Plain with { FirstWait = TimeSpan.FromMilliseconds(200) } });
        await Task.WhenAll(Enumerable.Range(0, 300).Select(async i =>
            Assert.Equal(Request(i).ToArray(), (await client.RequestAsync(Request(i), server.EndPoint, SameId, null, Stop)).Data.ToArray())));
        // And nobody is left behind: what comes now is for who receives.
        await client.SendAsync("free"u8.ToArray(), server.EndPoint, Stop);
        UDPDatagram datagram;
        do
            datagram = await client.ReceiveAsync(Stop).AsTask().WaitAsync(Patience, Stop);
        while (datagram.Data.Text() != "free");
    }

    [Fact]
    public async Task Nobody_at_the_port_ends_a_request_at_once()
    {
        var gone = UDPClient.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var nobody = gone.LocalEndPoint!;
        await gone.DisposeAsync();
        await using var server = LoopbackUDPServer.Start();
        await using var client = UDPClient.Bind(null, new UDPClientOptions { Request = Plain });
        server.Inject(DatagramFault.Reorder with { Times = 1 });
        var waiting = client.RequestAsync(Request(1), server.EndPoint, SameId, null, Stop);
        var error = await FailsAsync(() => client.RequestAsync(Request(2), nobody, SameId, null, Stop), "udp.refused");
        Assert.Equal((Endpoint.Of(nobody), WasSent.Maybe), (error.Endpoint, error.WasSent));
        Assert.Equal("udp.refused", Assert.Single(error.Attempts).Code);
        // The other one waits for its own.
        Assert.False(waiting.IsFaulted);
        await client.RequestAsync(Request(3), server.EndPoint, SameId, null, Stop);
        await waiting.WaitAsync(Patience, Stop);
        await using var connected = await UDPClient.ConnectAsync("127.0.0.1", nobody.Port, null, Stop);
        await FailsAsync(() => connected.RequestAsync(Request(2), SameId, null, Stop), "udp.refused");
    }

    [Fact]
    public async Task Cancelled_request_stays_the_callers_and_frees_its_place()
    {
        await using var server = LoopbackUDPServer.Start();
        server.Inject(DatagramFault.Drop with { Times = 1 });
        await using var client = await ConnectAsync(server, new UDPClientOptions { MaxRequests = 1 });
        using var cancel = new CancellationTokenSource();
        var asking = client.RequestAsync(Request(1), SameId, null, cancel.Token);
        Becomes(() => server.Received.Count == 1, "it is under way");
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.Equal(Request(2).Text(), (await client.RequestAsync(Request(2), SameId, null, Stop)).Data.Text());
    }

    [Fact]
    public async Task Requests_under_way_end_with_the_client_and_what_a_correlation_throws_is_the_callers()
    {
        await using var server = LoopbackUDPServer.Start();
        var client = await ConnectAsync(server);
        await Assert.ThrowsAsync<FormatException>(() => client.RequestAsync(Request(1), (_, _) => throw new FormatException(), null, Stop));
        server.Inject(DatagramFault.Drop);
        var asking = client.RequestAsync(Request(1), SameId, null, Stop);
        Becomes(() => server.Received.Count == 2, "it is under way");
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await client.ReceiveAsync(Stop));
        await client.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => asking);
    }

    [Fact]
    public async Task Truncated_reply_says_so()
    {
        await using var server = LoopbackUDPServer.Start();
        await using var client = await ConnectAsync(server, new UDPClientOptions { MaxDatagramBytes = 4 });
        var reply = await client.RequestAsync(Request(1), SameId, null, Stop);
        Assert.Equal((true, 4), (reply.IsTruncated, reply.Data.Length));
    }

    [Fact]
    public void Ready_made_correlations_compare_what_they_say()
    {
        byte[] query = [1, 2, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        byte[] answer = [1, 2, 0x81, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        Assert.True(UDPCorrelations.Dns(query, answer));
        Assert.False(UDPCorrelations.Dns(query, query));
        Assert.False(UDPCorrelations.Dns(query, answer.AsSpan(0, 11)));
        Assert.False(UDPCorrelations.Dns(query, [1, 3, .. answer.AsSpan(2)]));
        Assert.False(UDPCorrelations.SameBytes(int.MaxValue, 1)(query, answer));
        Assert.True(UDPCorrelations.Anything(query, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => UDPCorrelations.SameBytes(0, 0));
    }

    [Fact]
    public async Task Request_and_connecting_have_spans_logs_and_a_metric_of_their_own()
    {
        using var telemetry = TelemetryCapture.Start();
        var clock = new ObservedClock();
        await using var server = LoopbackUDPServer.Start();
        server.Inject(DatagramFault.Drop with { Times = 1 });
        await using var client = await ConnectAsync(server, new UDPClientOptions { Clock = clock, Logger = telemetry.Logger });
        var asking = client.RequestAsync(Request(1), SameId, null, Stop);
        await PassAsync(clock, 1);
        await asking.WaitAsync(Patience, Stop);
        Assert.Equal(["UDP connect", "UDP request"], telemetry.Spans.Select(span => span.OperationName));
        Assert.All(telemetry.Spans, span =>
        {
            Assert.Equal((ActivityKind.Internal, "udp", "127.0.0.1", server.Port),
                (span.Kind, span.GetTagItem("network.transport"), span.GetTagItem("network.peer.address"), span.GetTagItem("network.peer.port")));
            Assert.Equal(server.Port, span.GetTagItem("server.port"));
        });
        Assert.Equal([1, 1], telemetry.Logs.Select(log => log.Id.Id));
        Assert.Contains(telemetry.Measurements, one => one.Instrument == "codomyrmex.udp.retransmitted_requests");
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Codomyrmex.Networking.Diagnostics;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using static Codomyrmex.Networking.Tests.Unit.Sockets.Pairs;

namespace Codomyrmex.Networking.Tests.Unit.Sockets;

/// <summary>Table TCP/UDP, row 29: metrics and traces.</summary>
public sealed class TCPTelemetryTests
{
    private static readonly TCPClientOptions LineClient = new() { Framing = Framing.Lines, Retry = RetryOptions.None };

    [Fact]
    public async Task Connecting_has_a_span_with_the_address_reached()
    {
        using var telemetry = TelemetryCapture.Start();
        await using var server = Echo(new TCPServerOptions { Framing = Framing.Lines });
        await using var client = ClientOf(server, LineClient with { Logger = telemetry.Logger });
        await client.ConnectAsync(Stop);
        await client.RequestAsync("x"u8.ToArray(), Stop);
        var span = Assert.Single(telemetry.Spans);
        Assert.Equal(("TCP connect", ActivityKind.Internal, ActivityStatusCode.Unset), (span.OperationName, span.Kind, span.Status));
        Assert.Equal("127.0.0.1", span.GetTagItem("server.address"));
        Assert.Equal(server.Port, span.GetTagItem("server.port"));
        Assert.Equal("tcp", span.GetTagItem("network.transport"));
        Assert.Equal("127.0.0.1", span.GetTagItem("network.peer.address"));
        Assert.Equal(server.Port, span.GetTagItem("network.peer.port"));
        Assert.Equal(1, Assert.Single(telemetry.Logs).Id.Id);
    }

    [Fact]
    public async Task A_connection_that_failed_has_its_code_in_span_and_log()
    {
        using var telemetry = TelemetryCapture.Start();
        await using var client = new TCPClient("127.0.0.1", 9, LineClient with { Logger = telemetry.Logger });
        await FailsAsync(async () => await client.ConnectAsync(Stop), "tcp.refused");
        var span = Assert.Single(telemetry.Spans);
        Assert.Equal(("tcp.refused", ActivityStatusCode.Error), (span.GetTagItem("error.type"), span.Status));
        Assert.Contains("tcp.refused", Assert.Single(telemetry.Logs).Message);
    }

    [Fact]
    public async Task A_server_counts_measures_and_logs_its_connections_outside_of_every_span()
    {
        using var heard = new Measurements();
        var log = new ListLogger();
        Activity? around = new("none");
        await using (var server = TCPServer.Start(async (connection, ct) =>
        {
            around = Activity.Current;
            await foreach (var frame in connection.ReceiveAllAsync(ct))
                throw new FormatException("telemetry-canary");
        }, new TCPServerOptions { Framing = Framing.Lines, Logger = log, Limits = new TCPServerLimits { Connections = 1 } }))
        {
            await using var client = ClientOf(server, LineClient);
            await client.ConnectAsync(Stop);
            Becomes(() => server.Connections.Count == 1, "it is served");
            await using var second = ClientOf(server, LineClient);
            await Assert.ThrowsAsync<ConnectionException>(async () => await second.ReceiveAsync(Stop));
            await client.SendAsync("bug", Stop);
            Becomes(() => log.Ids.Contains(23), "it was logged");
        }
        Assert.Null(around);
        Assert.Contains(heard.Of("codomyrmex.tcp.server.connections"), one => one.Value == 1);
        Assert.Contains(heard.Of("codomyrmex.tcp.server.connections"), one => one.Value == -1);
        Assert.Contains(heard.Of("codomyrmex.tcp.server.refused_connections"), one => one.Tags == "reason=connections");
        Assert.Contains(heard.Of("codomyrmex.tcp.server.connection.duration"), one => one.Tags == "error.type=System.FormatException");
        Assert.Contains(log.Entries, entry => entry.Id == 21);
        Assert.DoesNotContain(log.Entries, entry => entry.Text.Contains("telemetry-canary"));
    }

    /// <summary>What the meter says while it is listened to; other tests run beside, so only some of it is this one's.</summary>
    private sealed class Measurements : IDisposable
    {
        private readonly ConcurrentQueue<(string Name, double Value, string Tags)> _all = new();
        private readonly MeterListener _listener = new();

        public Measurements()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == NetworkTelemetry.MeterName)
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, tags));
            _listener.Start();
        }

        public IEnumerable<(string Name, double Value, string Tags)> Of(string name) => _all.Where(one => one.Name == name);

        public void Dispose() => _listener.Dispose();

        private void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            _all.Enqueue((instrument.Name, value, string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))));
    }
}

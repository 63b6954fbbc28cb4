using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Diagnostics;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using PortSet = Codomyrmex.Networking.Scanning.PortSet;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

/// <summary>A scan is one span, one measurement and one record, however many probes it sends.</summary>
public sealed class ScanTelemetryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Scan_is_one_span_with_its_counts()
    {
        using var telemetry = TelemetryCapture.Start();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await new PortScanner("127.0.0.1", new PortScannerOptions { Logger = telemetry.Logger, Mode = ScanMode.Connect }).ScanAsync(PortSet.Of(1, 2, port), Stop);
        var span = Assert.Single(telemetry.Spans);
        Assert.Equal(("port scan", ActivityKind.Internal, ActivityStatusCode.Unset), (span.OperationName, span.Kind, span.Status));
        Assert.Equal("127.0.0.1", span.GetTagItem("server.address"));
        Assert.Null(span.GetTagItem("server.port"));
        Assert.Equal("connect", span.GetTagItem("scan.mode"));
        Assert.Equal((1L, 2L, 3L), (span.GetTagItem("scan.open"), span.GetTagItem("scan.closed"), span.GetTagItem("scan.ports")));
        Assert.Equal(1, Assert.Single(telemetry.Logs).Id.Id);
        var duration = Assert.Single(telemetry.Measurements);
        Assert.Equal("codomyrmex.call.duration", duration.Instrument);
        // The counts of one scan are no series of a metric.
        Assert.DoesNotContain("scan.open", duration.ToString());
    }

    [Fact]
    public async Task What_a_scan_notes_is_logged_within_its_span()
    {
        using var telemetry = TelemetryCapture.Start();
        var options = new PortScannerOptions { Logger = telemetry.Logger, Transport = new TransportOptions { Policy = EgressPolicy.Unrestricted.Denying("127.0.0.0/8:2") } };
        await new PortScanner("127.0.0.1", options).ScanAsync(PortSet.Of(1, 2), Stop);
        var note = telemetry.Logs[0];
        Assert.Equal(30, note.Id.Id);
        Assert.Contains("Skipped of 127.0.0.1", note.Message);
    }

    [Fact]
    public async Task Scan_that_fails_or_is_cancelled_says_so()
    {
        using var telemetry = TelemetryCapture.Start();
        var denied = new PortScannerOptions { Logger = telemetry.Logger, Transport = new TransportOptions { Policy = EgressPolicy.PublicInternetOnly } };
        await Assert.ThrowsAsync<PolicyException>(() => new PortScanner("127.0.0.1", denied).ScanAsync(1..10, Stop));
        Assert.Equal((ErrorCodes.PolicyDenied, ActivityStatusCode.Error), (telemetry.Spans[^1].GetTagItem("error.type"), telemetry.Spans[^1].Status));
        Assert.Equal(2, telemetry.Logs[^1].Id.Id);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var slow = new PortScanner(new PortScannerOptions { Logger = telemetry.Logger, ReportAll = true, ProbesPerSecond = 100 });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var result in slow.ScanStreamAsync(new ScanPlan { Targets = "127.0.0.1", Ports = 1..1000 }, stop.Token))
                await stop.CancelAsync();
        });
        Assert.Equal((NetworkTelemetry.Cancelled, ActivityStatusCode.Unset), (telemetry.Spans[^1].GetTagItem("error.type"), telemetry.Spans[^1].Status));
        Assert.Equal(4, telemetry.Logs[^1].Id.Id);
    }
}

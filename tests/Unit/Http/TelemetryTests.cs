using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Codomyrmex.Networking.Diagnostics;
using Codomyrmex.Networking.Diagnostics.Internal;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>The semantic conventions of OpenTelemetry for HTTP clients, tag by tag.</summary>
public class TelemetryTests
{
    private const string Duration = "http.client.request.duration";
    private const string Active = "http.client.active_requests";
    private const string Call = "codomyrmex.call.duration";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static readonly RetryOptions AtOnce = RetryOptions.Default with { BaseDelay = TimeSpan.Zero };

    private static LoopbackServer Serve(LoopbackServerOptions? options = null) => LabEndpoints.MapTo(LoopbackServer.Start(options));

    private static Dictionary<string, object?> Tags(Activity span) => span.TagObjects.ToDictionary(tag => tag.Key, tag => tag.Value);

    private static Activity Sending(TelemetryCapture capture, int index = 0) => capture.Spans.Where(span => span.Kind == ActivityKind.Client).ElementAt(index);

    private static Activity CallSpan(TelemetryCapture capture) => Assert.Single(capture.Spans, span => span.Kind == ActivityKind.Internal);

    [Fact]
    public void The_version_is_the_projects() =>
        Assert.Equal(Instruments.Version, typeof(Instruments).Assembly.GetName().Version!.ToString(3));

    [Fact]
    public async Task Span_of_a_request_has_the_conventions_tags_and_no_others()
    {
        await using var server = Serve();
        using var capture = TelemetryCapture.Start();
        using var client = new HTTPClient(RawAnswer.Options);
        (await client.GetAsync(server.Url + "json?q=1", cancellationToken: Stop)).Dispose();
        var span = Sending(capture);
        Assert.Equal(("GET", "GET", ActivityKind.Client, ActivityStatusCode.Unset), (span.DisplayName, span.OperationName, span.Kind, span.Status));
        Assert.Equivalent(new Dictionary<string, object?>
        {
            ["http.request.method"] = "GET",
            ["server.address"] = "127.0.0.1",
            ["server.port"] = server.Port,
            ["url.full"] = $"{server.Url}json?*",
            ["http.response.status_code"] = 200,
            ["network.protocol.version"] = "1.1",
            ["network.peer.address"] = "127.0.0.1",
            ["network.peer.port"] = server.Port,
        }, Tags(span), strict: true);
        Assert.Equal((NetworkTelemetry.ActivitySourceName, true), (span.Source.Name, span.Source.TelemetrySchemaUrl?.StartsWith("https://opentelemetry.io/schemas/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Metrics_have_the_conventions_tags_unit_and_buckets()
    {
        await using var server = Serve();
        using var capture = TelemetryCapture.Start();
        using var client = new HTTPClient(RawAnswer.Options);
        (await client.GetAsync(server.Url + "json", cancellationToken: Stop)).Dispose();
        var known = new Dictionary<string, object?>
        {
            ["http.request.method"] = "GET",
            ["server.address"] = "127.0.0.1",
            ["server.port"] = server.Port,
            ["url.scheme"] = "http",
        };
        var duration = Assert.Single(capture.Measurements, measurement => measurement.Instrument == Duration);
        Assert.Equal("s", duration.Unit);
        Assert.Equivalent(new Dictionary<string, object?>(known) { ["http.response.status_code"] = 200, ["network.protocol.version"] = "1.1" }, duration.Tags, strict: true);
        var active = capture.Measurements.Where(measurement => measurement.Instrument == Active).ToList();
        Assert.Equal([1, -1], active.Select(measurement => measurement.Value));
        Assert.All(active, measurement => Assert.Equivalent(known, measurement.Tags, strict: true));
        Assert.Single(capture.Measurements, measurement => measurement.Instrument == Call);
        var histogram = Assert.IsType<Histogram<double>>(Assert.Single(Codomyrmex.Networking.Diagnostics.Internal.Instruments.All, instrument => instrument.Name == Duration));
        Assert.Equal([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10], histogram.Advice!.HistogramBucketBoundaries!);
    }

    [Fact]
    public async Task Platforms_meter_counts_our_connections()
    {
        await using var server = Serve();
        using var capture = TelemetryCapture.Start("System.Net.Http");
        using var client = new HTTPClient(RawAnswer.Options);
        (await client.GetAsync(server.Url + "json", cancellationToken: Stop)).Dispose();
        Assert.Contains(capture.Measurements, measurement => measurement is { Instrument: "http.client.open_connections", Value: 1 } &&
            "active".Equals(measurement.Tags["http.connection.state"]) && server.Port.Equals(measurement.Tags["server.port"]));
        Assert.DoesNotContain(capture.Spans, span => span.Source.Name != NetworkTelemetry.ActivitySourceName);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(500)]
    public async Task Status_of_400_and_above_is_an_error_named_by_it(int status)
    {
        await using var server = Serve();
        using var capture = TelemetryCapture.Start();
        using var client = new HTTPClient(RawAnswer.Options);
        (await client.GetAsync($"{server.Url}status/{status}", cancellationToken: Stop)).Dispose();
        var span = Sending(capture);
        Assert.Equal((status.ToString(CultureInfo.InvariantCulture), status), (span.GetTagItem("error.type"), span.GetTagItem("http.response.status_code")));
        Assert.Equal((ActivityStatusCode.Error, null), (span.Status, span.StatusDescription));
        Assert.Equal(status.ToString(CultureInfo.InvariantCulture), capture.Measurements.First(measurement => measurement.Instrument == Duration).Tags["error.type"]);
    }

    [Fact]
    public async Task Failure_is_named_by_its_code_on_the_request_the_call_and_the_metrics()
    {
        await using var server = Serve().Inject(Fault.Reset());
        using var capture = TelemetryCapture.Start();
        using var client = new HTTPClient(RawAnswer.Options);
        await Assert.ThrowsAsync<ConnectionException>(() => client.GetAsync(server.Url + "json", cancellationToken: Stop));
        foreach (var span in capture.Spans)
        {
            Assert.Equal((ErrorCodes.TcpReset, ActivityStatusCode.Error), (span.GetTagItem("error.type"), span.Status));
            Assert.NotNull(span.StatusDescription);
            Assert.Null(span.GetTagItem("http.response.status_code"));
        }
        Assert.Equal(2, capture.Spans.Count);
        Assert.All(capture.Measurements.Where(measurement => measurement.Instrument is Duration or Call), measurement => Assert.Equal(ErrorCodes.TcpReset, measurement.Tags["error.type"]));
        Assert.Equal(0, capture.Measurements.Where(measurement => measurement.Instrument == Active).Sum(measurement => measurement.Value));
    }

    [Fact]
    public async Task Timeout_of_ours_and_cancellation_of_the_callers_are_told_apart()
    {
        await using var server = Serve().Inject(Fault.Stall());
        using var capture = TelemetryCapture.Start();
        using var client = new HTTPClient(RawAnswer.Options with { Logger = capture.Logger });
        var brief = new RequestOptions { Timeouts = Timeouts.Default with { FirstByte = TimeSpan.FromMilliseconds(50) } };
        await Assert.ThrowsAsync<NetworkTimeoutException>(() => client.GetAsync(server.Url + "json", brief, Stop));
        Assert.All(capture.Spans, span => Assert.Equal((ErrorCodes.TimeoutFirstByte, ActivityStatusCode.Error), (span.GetTagItem("error.type"), span.Status)));

        using var own = new CancellationTokenSource();
        var call = client.GetAsync(server.Url + "json", cancellationToken: own.Token);
        await server.WaitForConnectionsAsync(2, Stop);
        await own.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(4, capture.Spans.Count);
        Assert.All(capture.Spans.Skip(2), span => Assert.Equal((NetworkTelemetry.Cancelled, ActivityStatusCode.Unset), (span.GetTagItem("error.type"), span.Status)));
        Assert.Equal([2, 4], capture.Logs.Select(log => log.Id.Id));
    }

    [Fact]
    public async Task Each_sending_has_a_span_with_its_number_and_its_own_place_in_the_trace()
    {
        await using var server = Serve();
        using var capture = TelemetryCapture.Start();
        using var client = new HTTPClient(RawAnswer.Options with { Retry = AtOnce });
        (await client.GetAsync(server.Url + "flaky/telemetry/2", cancellationToken: Stop)).Dispose();
        var call = CallSpan(capture);
        var sendings = capture.Spans.Where(span => span.Kind == ActivityKind.Client).ToList();
        Assert.Equal([null, 1, 2], sendings.Select(span => span.GetTagItem("http.request.resend_count")));
        Assert.Equal([503, 503, 200], sendings.Select(span => span.GetTagItem("http.response.status_code")));
        Assert.All(sendings, span => Assert.Equal(call.SpanId, span.ParentSpanId));
        Assert.Equal(sendings.Select(span => span.Id), server.Requests.Select(request => request.Headers["traceparent"]));
        Assert.Equal(2, call.Events.Count());
        Assert.Equal(3, capture.Measurements.Count(measurement => measurement.Instrument == Duration));
        Assert.Single(capture.Measurements, measurement => measurement.Instrument == Call);
    }

    [Fact]
    public async Task Redirect_is_another_sending_with_its_own_url()
    {
        await using var server = Serve();
        await using var other = Serve();
        using var capture = TelemetryCapture.Start();
        using var client = new HTTPClient(RawAnswer.Options);
        (await client.GetAsync($"{server.Url}redirect-to?url={Uri.EscapeDataString(other.Url + "get")}", cancellationToken: Stop)).Dispose();
        Assert.Equal([$"{server.Url}redirect-to?*", $"{other.Url}get"], [Sending(capture).GetTagItem("url.full"), Sending(capture, 1).GetTagItem("url.full")]);
        Assert.Equal((302, null, 1), (Sending(capture).GetTagItem("http.response.status_code"), Sending(capture).GetTagItem("error.type"), Sending(capture, 1).GetTagItem("http.request.resend_count")));
    }

    [Fact]
    public async Task Denial_sends_nothing_and_shows_on_the_call_alone()
    {
        using var capture = TelemetryCapture.Start();
        using var client = new HTTPClient(RawAnswer.Options with { Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly } });
        await Assert.ThrowsAsync<PolicyException>(() => client.GetAsync("http://169.254.169.254/", cancellationToken: Stop));
        Assert.Equal(ErrorCodes.PolicyDenied, Assert.Single(capture.Spans).GetTagItem("error.type"));
        Assert.Equal(Call, Assert.Single(capture.Measurements).Instrument);
    }

    [Fact]
    public async Task Invented_method_is_OTHER_with_the_original_beside_it()
    {
        await using var server = Serve();
        using var capture = TelemetryCapture.Start();
        using var client = new HTTPClient(RawAnswer.Options);
        (await client.SendAsync(new Request("BREW", server.Url + "anything"), Stop)).Dispose();
        var span = Sending(capture);
        Assert.Equal(("HTTP", "_OTHER", "BREW"), (span.DisplayName, span.GetTagItem("http.request.method"), span.GetTagItem("http.request.method_original")));
        Assert.All(capture.Measurements, measurement => Assert.Equal("_OTHER", measurement.Tags["http.request.method"]));
    }

    [Fact]
    public async Task Http2_is_named_and_its_peer_known()
    {
        await using var server = Http2Peer.Start(async peer =>
        {
            var stream = await peer.ReadUntilAsync(Http2Peer.Headers);
            await peer.SendAsync(Http2Peer.Headers, 4 | 1, stream, Http2Peer.Status200);
        });
        using var capture = TelemetryCapture.Start();
        using var client = new HTTPClient(RawAnswer.Options with { Version = HttpVersionChoice.Http2 });
        (await client.GetAsync(server.Url.ToString(), cancellationToken: Stop)).Dispose();
        var span = Sending(capture);
        Assert.Equal(("2", "127.0.0.1", server.Port), (span.GetTagItem("network.protocol.version"), span.GetTagItem("network.peer.address"), span.GetTagItem("network.peer.port")));
    }

    [Fact]
    public async Task Answer_from_the_cache_sends_nothing_and_has_no_span_of_a_request()
    {
        await using var server = LoopbackServer.Start().MapStatic("GET", "/", "kept"u8.ToArray(), headers: [new("Cache-Control", "max-age=60")]);
        using var capture = TelemetryCapture.Start();
        using var client = new HTTPClient(RawAnswer.Options with { Cache = new HttpCache() });
        for (var i = 0; i < 2; i++)
            (await client.GetAsync(server.Url.ToString(), cancellationToken: Stop)).Dispose();
        Assert.Equal(["GET", "GET call", "GET call"], capture.Spans.Select(span => span.DisplayName));
    }

    [Fact]
    public async Task Trace_of_the_caller_goes_on_at_the_peer_also_where_nobody_listens()
    {
        await using var server = Serve();
        using var activity = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();
        activity.TraceStateString = "vendor=1";
        using var client = new HTTPClient(RawAnswer.Options);
        (await client.GetAsync(server.Url + "json", cancellationToken: Stop)).Dispose();
        var request = Assert.Single(server.Requests);
        Assert.Contains(activity.TraceId.ToString(), request.Headers["traceparent"]);
        Assert.Equal("vendor=1", request.Headers["tracestate"]);
    }
}

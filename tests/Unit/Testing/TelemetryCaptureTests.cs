using System.Diagnostics;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Unit.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Tests.Unit.Testing;

public class TelemetryCaptureTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spans_measurements_and_logs_of_a_call_are_collected()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var capture = TelemetryCapture.Start();
        using var client = new HTTPClient(RawAnswer.Options with { Logger = capture.Logger });
        (await client.GetAsync(server.Url + "json", cancellationToken: Stop)).Dispose();
        Assert.Equal(["GET", "GET call"], capture.Spans.Select(span => span.DisplayName));
        Assert.Equal(capture.Spans[1].SpanId, capture.Spans[0].ParentSpanId);
        Assert.Contains(capture.Measurements, measurement => measurement is { Instrument: "http.client.request.duration", Unit: "s", Value: > 0 });
        var log = Assert.Single(capture.Logs);
        Assert.Equal((1, LogLevel.Debug, $"127.0.0.1:{server.Port}"), (log.Id.Id, log.Level, log.Values["Endpoint"]?.ToString()));
        Assert.Contains("http.response.status_code=200", capture.ToString());
    }

    [Fact]
    public async Task Tests_that_run_beside_each_other_do_not_see_each_others_calls()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options);
        async Task<TelemetryCapture> TestAsync(int calls)
        {
            var capture = TelemetryCapture.Start();
            for (var i = 0; i < calls; i++)
                (await client.GetAsync($"{server.Url}status/{200 + calls}", cancellationToken: Stop)).Dispose();
            capture.Dispose();
            return capture;
        }
        var captures = await Task.WhenAll(Enumerable.Range(1, 6).Select(calls => Task.Run(() => TestAsync(calls))));
        Assert.Equal(captures.Length, captures.Select(capture => capture.TraceId).Distinct().Count());
        for (var i = 0; i < captures.Length; i++)
        {
            Assert.Equal(2 * (i + 1), captures[i].Spans.Count);
            Assert.All(captures[i].Spans, span => Assert.Equal(201 + i, span.GetTagItem("http.response.status_code")));
            Assert.Equal(i + 1, captures[i].Measurements.Count(measurement => measurement.Instrument == "http.client.request.duration"));
        }
    }

    [Fact]
    public async Task Nothing_is_collected_after_the_end_and_the_callers_trace_is_back()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        var before = Activity.Current;
        var capture = TelemetryCapture.Start();
        Assert.Equal(capture.TraceId, Activity.Current!.TraceId);
        capture.Dispose();
        Assert.Same(before, Activity.Current);
        using var client = new HTTPClient(RawAnswer.Options);
        (await client.GetAsync(server.Url + "json", cancellationToken: Stop)).Dispose();
        Assert.Empty(capture.Spans);
    }

    [Fact]
    public async Task Container_logs_into_it_as_a_provider_and_other_sources_can_be_added()
    {
        using var own = new ActivitySource("own");
        using var capture = TelemetryCapture.Start("own");
        await using (var provider = new ServiceCollection().AddLogging(logging => logging.AddProvider(capture).SetMinimumLevel(LogLevel.Trace)).BuildServiceProvider())
        {
            provider.GetRequiredService<ILoggerFactory>().CreateLogger("category").LogInformation("hello {Name}", "Ada");
            own.StartActivity("mine")!.Dispose();
        }
        Assert.Equal("mine", Assert.Single(capture.Spans).DisplayName);
        Assert.Equal(("category", "hello Ada", "Ada"), (capture.Logs[0].Category, capture.Logs[0].Message, capture.Logs[0].Values["Name"]));
    }
}

using System.Diagnostics;
using Codomyrmex.Networking.Diagnostics;
using Codomyrmex.Networking.Extensions;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Codomyrmex.Networking.Tests.Interop;

/// <summary>OpenTelemetry's own SDK collecting what the library publishes.</summary>
public class OpenTelemetryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spans_and_metrics_reach_an_exporter_with_the_advised_buckets()
    {
        var spans = new Spans();
        var metrics = new List<Metric>();
        await using var container = new ServiceCollection().AddCodomyrmexNetworking().BuildServiceProvider();
        using var telemetry = OpenTelemetrySdk.Create(builder =>
        {
            builder.Services.AddCodomyrmexNetworkingInstrumentation();
            builder.WithTracing(tracing => tracing.AddInMemoryExporter(spans)).WithMetrics(meters => meters.AddInMemoryExporter(metrics));
        });
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        (await container.GetRequiredService<HTTPClient>().GetAsync(server.Url + "json", cancellationToken: Stop)).Dispose();
        telemetry.TracerProvider.ForceFlush();
        telemetry.MeterProvider.ForceFlush();
        var span = Assert.Single(spans.Taken(), span => span.Kind == ActivityKind.Client && server.Port.Equals(span.GetTagItem("server.port")));
        Assert.Equal((NetworkTelemetry.ActivitySourceName, 200), (span.Source.Name, span.GetTagItem("http.response.status_code")));
        var duration = Assert.Single(metrics, metric => metric.Name == "http.client.request.duration");
        Assert.Equal((NetworkTelemetry.MeterName, "s"), (duration.MeterName, duration.Unit));
        var bounds = new List<double>();
        foreach (var point in duration.GetMetricPoints())
        {
            bounds.Clear();
            foreach (var bucket in point.GetHistogramBuckets())
                bounds.Add(bucket.ExplicitBound);
        }
        Assert.Equal([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, double.PositiveInfinity], bounds);
    }
}

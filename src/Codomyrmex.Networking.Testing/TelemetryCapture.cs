using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Codomyrmex.Networking.Diagnostics;
using Codomyrmex.Networking.Testing.Internal;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// Collects the spans, measurements and log records of what one test calls; tests that run beside it do not see each other's. It begins a trace of its own, which
/// flows with the code that follows <see cref="Start"/> in the same method and all that this calls; what runs outside of it is not seen. Thread-safe.
/// </summary>
/// <remarks>Logs come from <see cref="Logger"/>, given to <c>HTTPClientOptions.Logger</c>, or from a container's loggers with the capture added as a provider.</remarks>
public sealed class TelemetryCapture : ILoggerProvider
{
    private readonly Activity _root;
    private readonly ActivityListener _activities;
    private readonly MeterListener _meters;
    private readonly Lock _lock = new();
    private readonly List<Activity> _spans = [];
    private readonly List<CapturedMeasurement> _measurements = [];
    private readonly List<CapturedLog> _logs = [];

    private TelemetryCapture(string[] names)
    {
        _root = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).SetParentId(ActivityTraceId.CreateRandom(), default, ActivityTraceFlags.Recorded);
        _activities = new ActivityListener
        {
            ShouldListenTo = source => names.Contains(source.Name),
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.TraceId == TraceId ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = Add,
        };
        _meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (names.Contains(instrument.Meter.Name))
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _meters.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
    }

    /// <summary>The trace that everything collected belongs to.</summary>
    public ActivityTraceId TraceId => _root.TraceId;

    /// <summary>The spans that have ended, in the order of their ends: those of requests before that of their call.</summary>
    public IReadOnlyList<Activity> Spans
    {
        get
        {
            lock (_lock)
                return [.. _spans];
        }
    }

    /// <summary>What instruments were told, in order.</summary>
    public IReadOnlyList<CapturedMeasurement> Measurements
    {
        get
        {
            lock (_lock)
                return [.. _measurements];
        }
    }

    /// <summary>What was logged, in order.</summary>
    public IReadOnlyList<CapturedLog> Logs
    {
        get
        {
            lock (_lock)
                return [.. _logs];
        }
    }

    /// <summary>A logger whose records are collected.</summary>
    public ILogger Logger => CreateLogger(NetworkTelemetry.ActivitySourceName);

    /// <summary>Begins to collect.</summary>
    /// <param name="names">The sources and meters to listen to besides those of <see cref="NetworkTelemetry"/>.</param>
    public static TelemetryCapture Start(params string[] names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var capture = new TelemetryCapture([NetworkTelemetry.ActivitySourceName, NetworkTelemetry.MeterName, .. names]);
        capture._root.Start();
        ActivitySource.AddActivityListener(capture._activities);
        capture._meters.Start();
        return capture;
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new CapturingLogger(categoryName, Add);

    /// <summary>Everything collected as text, a line each: to be searched for what must not be there.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var span in Spans)
        {
            text.Append(CultureInfo.InvariantCulture, $"span {span.DisplayName} {span.Kind} {span.Status} {span.StatusDescription} {CapturedMeasurement.Text(span.TagObjects)}");
            foreach (var happening in span.Events)
                text.Append(CultureInfo.InvariantCulture, $" {happening.Name} {CapturedMeasurement.Text(happening.Tags)}");
            text.Append('\n');
        }
        text.AppendJoin("", Measurements.Select(measurement => measurement + "\n")).AppendJoin("", Logs.Select(log => log + "\n"));
        return text.ToString();
    }

    /// <summary>Ends the collecting. What was collected stays.</summary>
    public void Dispose()
    {
        _activities.Dispose();
        _meters.Dispose();
        _root.Dispose();
    }

    private void Add(Activity span)
    {
        if (span.TraceId != TraceId)
            return;
        lock (_lock)
            _spans.Add(span);
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Activity.Current?.TraceId != TraceId)
            return;
        var measurement = new CapturedMeasurement(instrument.Name, value, instrument.Unit, tags);
        lock (_lock)
            _measurements.Add(measurement);
    }

    private void Add(CapturedLog log)
    {
        if (Activity.Current?.TraceId != TraceId)
            return;
        lock (_lock)
            _logs.Add(log);
    }
}

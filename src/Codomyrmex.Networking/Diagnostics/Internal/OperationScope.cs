using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Diagnostics.Internal;

/// <summary>
/// Span, metrics and log of one call. Outermost, so it sees the outcome that the caller sees. Costs a few checks when nobody listens.
/// </summary>
/// <remarks>Names and tags follow the OpenTelemetry semantic conventions for HTTP and general network clients.</remarks>
internal readonly struct OperationScope
{
    private static readonly ActivitySource Source = new(NetworkTelemetry.ActivitySourceName);
    private static readonly Meter Meter = new(NetworkTelemetry.MeterName);
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("http.client.request.duration", "s", "Duration of calls, retries included.");

    private readonly Activity? _activity;
    private readonly Endpoint _endpoint;
    private readonly ILogger? _logger;
    private readonly TimeProvider _clock;
    private readonly long _start;

    private OperationScope(Activity? activity, Endpoint endpoint, ILogger? logger, TimeProvider clock)
    {
        _activity = activity;
        _endpoint = endpoint;
        _logger = logger;
        _clock = clock;
        _start = clock.GetTimestamp();
    }

    public static OperationScope Start(string name, Endpoint endpoint, ILogger? logger, TimeProvider clock) =>
        new(Source.HasListeners() ? Source.StartActivity(name, ActivityKind.Client) : null, endpoint, logger, clock);

    public void Succeed<TResult>(IDescriber<TResult> describer, TResult result)
    {
        if (_activity is null && !Duration.Enabled && _logger is null)
            return;
        var tags = Tags();
        describer.Describe(result, ref tags);
        End(tags);
        if (_logger is not null)
            NetworkLog.Succeeded(_logger, _endpoint, _clock.GetElapsedTime(_start).TotalMilliseconds);
    }

    public void Fail<TResult>(IDescriber<TResult> describer, NetworkException failure)
    {
        if (_activity is null && !Duration.Enabled && _logger is null)
            return;
        var tags = Tags();
        describer.Describe(default, ref tags);
        tags.Add("error.type", failure.Code);
        _activity?.SetStatus(ActivityStatusCode.Error, failure.Message);
        End(tags);
        if (_logger is not null)
            NetworkLog.Failed(_logger, _endpoint, failure.Code, failure.Phase, failure.Message, failure.Elapsed.TotalMilliseconds);
    }

    public void Cancel() => _activity?.Dispose();

    public void Retrying(Attempt failed, int attempt, TimeSpan wait)
    {
        _activity?.AddEvent(new ActivityEvent("retry", tags: new ActivityTagsCollection { ["http.request.resend_count"] = attempt, ["error.type"] = failed.Code }));
        if (_logger is not null)
            NetworkLog.Retrying(_logger, _endpoint, failed.Code, failed.Status, attempt, wait.TotalMilliseconds);
    }

    private TagList Tags() => new() { { "server.address", _endpoint.Host }, { "server.port", _endpoint.Port } };

    private void End(TagList tags)
    {
        if (Duration.Enabled)
            Duration.Record(_clock.GetElapsedTime(_start).TotalSeconds, tags);
        if (_activity is null)
            return;
        foreach (var (name, value) in tags)
            _activity.SetTag(name, value);
        _activity.Dispose();
    }
}

using System.Diagnostics;

namespace Codomyrmex.Networking.Diagnostics.Internal;

/// <summary>
/// Span, metric and log of one call. Outermost, so it sees the outcome that the caller sees. Costs a few checks when nobody listens.
/// </summary>
/// <remarks>
/// The conventions of OpenTelemetry know spans of single sendings (kind client), made where a request is sent; this one holds them together, and what is none
/// of them: denials, waits, the reading of a body. Its kind is internal, so nobody counts a request twice.
/// </remarks>
internal readonly struct OperationScope<TResult>
{
    private readonly IDescriber<TResult> _call;
    private readonly Activity? _activity;

    private OperationScope(IDescriber<TResult> call, Activity? activity) => (_call, _activity) = (call, activity);

    public static OperationScope<TResult> Start(IDescriber<TResult> call) =>
        new(call, Instruments.Source.HasListeners() ? Instruments.Source.StartActivity(call.Name, ActivityKind.Internal) : null);

    /// <summary>Adds to the span what would be too much for a metric.</summary>
    public void Tag(string name, object value) => _activity?.SetTag(name, value);

    public void Succeed(TResult result)
    {
        if (!IsHeard)
            return;
        // Before the span ends, so that the record belongs to it.
        if (_call.Logger is { } logger)
            NetworkLog.Succeeded(logger, _call.Endpoint, Elapsed.TotalMilliseconds);
        var tags = Tags();
        _call.Describe(result, ref tags);
        End(tags);
    }

    public void Fail(NetworkException failure)
    {
        if (!IsHeard)
            return;
        if (_call.Logger is { } logger)
            NetworkLog.Failed(logger, _call.Endpoint, failure.Code, failure.Phase, failure.Message, failure.Elapsed.TotalMilliseconds);
        var tags = Tags();
        _call.Describe(default, ref tags);
        tags.Add("error.type", failure.Code);
        _activity?.SetStatus(ActivityStatusCode.Error, failure.Message);
        End(tags);
    }

    public void Cancel()
    {
        if (!IsHeard)
            return;
        if (_call.Logger is { } logger)
            NetworkLog.Cancelled(logger, _call.Endpoint, Elapsed.TotalMilliseconds);
        var tags = Tags();
        _call.Describe(default, ref tags);
        tags.Add("error.type", NetworkTelemetry.Cancelled);
        End(tags);
    }

    public void Retrying(Attempt failed, int attempt, TimeSpan wait)
    {
        _activity?.AddEvent(new ActivityEvent("retry", tags: new ActivityTagsCollection { ["attempt"] = attempt, ["error.type"] = failed.Code ?? failed.Status?.ToString(null, null) }));
        if (_call.Logger is { } logger)
            NetworkLog.Retrying(logger, _call.Endpoint, failed.Code, failed.Status, attempt, wait.TotalMilliseconds);
    }

    private bool IsHeard => _activity is not null || Instruments.CallDuration.Enabled || _call.Logger is not null;

    private TimeSpan Elapsed => _call.Clock.GetElapsedTime(_call.StartedAt);

    private TagList Tags()
    {
        var tags = new TagList { { "server.address", _call.Endpoint.Host } };
        // What has none has no tag: a scan's targets, a Unix-domain socket.
        if (_call.Endpoint.Port > 0)
            tags.Add("server.port", _call.Endpoint.Port);
        return tags;
    }

    private void End(TagList tags)
    {
        if (Instruments.CallDuration.Enabled)
            Instruments.CallDuration.Record(Elapsed.TotalSeconds, tags);
        if (_activity is null)
            return;
        foreach (var (name, value) in tags)
            _activity.SetTag(name, value);
        _activity.Dispose();
    }
}

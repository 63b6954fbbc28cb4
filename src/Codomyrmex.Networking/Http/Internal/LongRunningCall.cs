using System.Globalization;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>One operation that a service goes on with: where to ask for it, how often, and what it came to.</summary>
internal sealed class LongRunningCall
{
    // A service that says "at once" again and again is not asked without pause.
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(100);

    private readonly HTTPClient _client;
    private readonly Request _request;
    private readonly LongRunningOptions _options;
    private readonly bool _isMonitor;
    private readonly long _startedAt;
    private readonly Deadline _deadline;
    private TimeSpan _interval;
    private Uri? _resource;
    private string? _origin;
    private Uri? _result;
    private int _polls;

    /// <param name="client">Who asks.</param>
    /// <param name="request">What starts the operation.</param>
    /// <param name="options">How to wait.</param>
    /// <param name="isMonitor">Whether the request is already the first question, and starts nothing.</param>
    public LongRunningCall(HTTPClient client, Request request, LongRunningOptions options, bool isMonitor = false)
    {
        (_client, _request, _options, _isMonitor, _interval) = (client, request, options, isMonitor, options.Interval);
        _startedAt = Clock.GetTimestamp();
        _deadline = Deadline.After(options.Timeout, Clock).Earlier(request.Options.Deadline);
    }

    /// <summary>How the next answer is read.</summary>
    private enum Kind
    {
        /// <summary>It is the result.</summary>
        Result,

        /// <summary>Status 202 until it is over, then the result.</summary>
        Location,

        /// <summary>A document that names the state.</summary>
        Status,

        /// <summary>The resource itself, which names its state.</summary>
        Resource,
    }

    private TimeProvider Clock => _client.Options.Clock;

    public async Task<Response> StartAsync(CancellationToken cancellationToken)
    {
        var response = await _client.SendAsync(_request with { Options = _request.Options with { Deadline = _deadline } }, cancellationToken).ConfigureAwait(false);
        try
        {
            response.EnsureSuccess();
            _resource = response.Url;
            // What is secret in the request was for whom the caller named, not for where a redirect led.
            _origin = RequestUrl.Origin(response.History is [var first, ..] ? first.Url : response.Url);
            var (kind, monitor) = First(response);
            while (kind != Kind.Result)
            {
                var status = Tell(response, kind, monitor);
                await WaitAsync(response, status, cancellationToken).ConfigureAwait(false);
                response.Dispose();
                response = await AskAsync(monitor, cancellationToken).ConfigureAwait(false);
                response.EnsureSuccess();
                _polls++;
                (kind, monitor) = Next(response, kind, monitor);
            }
            if (_result is not { } result || result == monitor || (_polls == 0 && !_isMonitor))
                return response;
            response.Dispose();
            response = await AskAsync(result, cancellationToken).ConfigureAwait(false);
            return response.EnsureSuccess();
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private (Kind Kind, Uri Monitor) First(Response response)
    {
        if (_isMonitor)
            return response.Status == 202 ? (Kind.Location, Read(response, response.Field("Location")) ?? response.Url) : StateOf(response, Kind.Status) is null ? (Kind.Result, response.Url) : Next(response, Kind.Status, response.Url);
        if (Read(response, MonitorOf(response)) is { } monitor)
        {
            // What is made or changed in its place is the result; what an action makes, it says where.
            _result = _request.Method is "PUT" or "PATCH" ? response.Url : Read(response, response.Field("Location"));
            return (Kind.Status, monitor);
        }
        if (response.Status == 202 && Read(response, response.Field("Location")) is { } location)
            return (Kind.Location, location);
        return StateOf(response, Kind.Resource) is null ? (Kind.Result, response.Url) : Next(response, Kind.Resource, response.Url);
    }

    private (Kind Kind, Uri Monitor) Next(Response response, Kind kind, Uri monitor)
    {
        if (kind == Kind.Location)
            return response.Status == 202 ? (kind, Read(response, response.Field("Location")) ?? monitor) : (Kind.Result, monitor);
        if (StateOf(response, kind) is not { } state)
            return kind == Kind.Resource ? (Kind.Result, monitor) : throw Failure(response, "names no state", ErrorCodes.HttpOperationFailed);
        if (IsIn(_options.FailedStates, state))
            throw Failed(response, state);
        if (!IsIn(_options.SucceededStates, state))
            return (kind, Read(response, MonitorOf(response)) ?? monitor);
        if (kind == Kind.Status)
            _result ??= Read(response, OperationDocument.Parse(response.Content)?.ResourceLocation);
        return (Kind.Result, monitor);
    }

    private static string? MonitorOf(Response response) => response.Field("Operation-Location") ?? response.Field("Azure-AsyncOperation");

    private Task<Response> AskAsync(Uri url, CancellationToken cancellationToken)
    {
        var isElsewhere = RequestUrl.Origin(url) != _origin;
        var headers = _request.Options.Headers is { } fields
            ? new HeaderMap(fields.Where(field => !field.Key.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) && !field.Key.Equals("Idempotency-Key", StringComparison.OrdinalIgnoreCase) &&
                (!isElsewhere || !(Redactor.IsSecretHeader(field.Key) || field.Key.Equals("Host", StringComparison.OrdinalIgnoreCase)))))
            : null;
        // The query is in the URL already, or was for the request alone.
        var options = _request.Options with { Deadline = _deadline, Query = [], IdempotencyKey = null, UploadProgress = null, Headers = headers };
        return _client.SendAsync(new Request("GET", RequestUrl.Text(url)) { Options = options }, cancellationToken);
    }

    private string Tell(Response response, Kind kind, Uri monitor)
    {
        var status = (kind == Kind.Location ? null : StateOf(response, kind)) ?? string.Create(CultureInfo.InvariantCulture, $"{response.Status} {response.Reason}").TrimEnd();
        _options.Progress?.Report(new LongRunningProgress(status, OperationDocument.Parse(response.Content)?.Percent, _polls, Clock.GetElapsedTime(_startedAt), monitor));
        return status;
    }

    private async Task WaitAsync(Response response, string status, CancellationToken cancellationToken)
    {
        var wait = response.RetryAfter is { } asked && asked < ShortestWait ? ShortestWait : response.RetryAfter ?? _interval;
        if (response.RetryAfter is null)
            _interval = TimeSpan.FromTicks(Math.Min(_options.MaxInterval.Ticks, _interval.Ticks * 3 / 2));
        if (wait > _options.MaxInterval)
            wait = _options.MaxInterval;
        if (_deadline.IsFinite && wait >= _deadline.Remaining)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.TimeoutTotal,
                Message = $"The operation at {response.Endpoint} is still '{Printable.Text(status)}' after {Clock.GetElapsedTime(_startedAt).TotalSeconds:0.###} s and {_polls} questions; the deadline comes before the next one.",
                Hint = "It goes on at the service: wait for it there (HTTPClient.WaitForAsync), or allow more time (LongRunningOptions.Timeout).",
                Phase = NetworkPhase.Wait,
                Endpoint = response.Endpoint,
                WasSent = WasSent.Yes,
                RequestId = response.RequestId,
                Elapsed = Clock.GetElapsedTime(_startedAt),
            }.ToException();
        }
        await Task.Delay(wait, Clock, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A place that the service names, checked; null where it names none.</summary>
    private Uri? Read(Response response, string? place)
    {
        if (place is null)
            return null;
        var url = RequestUrl.Read(place, response.Url, out var problem) ?? throw Failure(response, $"leads to '{RequestUrl.Shown(place)}', which is not followed: it {problem}", ErrorCodes.HttpRedirectRefused);
        var from = _resource ?? response.Url;
        if (from.Scheme == "https" && url.Scheme != "https")
            throw Failure(response, $"leads to '{RequestUrl.Shown(place)}', away from TLS", ErrorCodes.HttpRedirectRefused);
        return _options.AllowOtherOrigins || RequestUrl.Origin(url) == RequestUrl.Origin(from)
            ? url
            : throw Failure(response, $"leads from {RequestUrl.Origin(from)} to {RequestUrl.Origin(url)} (LongRunningOptions.AllowOtherOrigins)", ErrorCodes.HttpRedirectRefused);
    }

    // A resource may have a status of its own; what becomes of it stands in its provisioning state.
    private string? StateOf(Response response, Kind kind)
    {
        if (OperationDocument.Parse(response.Content) is not { } said)
            return null;
        return _options.ReadStatus is { } read ? read(response.Json()) : kind == Kind.Status ? said.Status ?? said.ProvisioningState : said.ProvisioningState;
    }

    private static bool IsIn(IReadOnlyList<string> states, string state) => states.Contains(state, StringComparer.OrdinalIgnoreCase);

    private static HTTPException Failed(Response response, string state)
    {
        var said = OperationDocument.Parse(response.Content)?.Error is { Length: > 0 } error ? $": {Printable.Text(error, 500)}" : "";
        return Failure(response, $"has ended as '{Printable.Text(state)}'{said}", ErrorCodes.HttpOperationFailed);
    }

    private static HTTPException Failure(Response response, string how, string code) => new(new NetworkFailure
    {
        Code = code,
        Message = $"The operation at {response.Endpoint} {how}.",
        Phase = NetworkPhase.Receive,
        Endpoint = response.Endpoint,
        WasSent = WasSent.Yes,
        RequestId = response.RequestId,
    })
    {
        Status = response.Status,
        BodyExcerpt = StatusFailure.Excerpt(response),
    };
}

using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Codomyrmex.Networking.Resilience.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A stream of events over as many connections as its rules allow.</summary>
internal sealed class EventSession : IDisposable
{
    private readonly HTTPClient _client;
    private readonly EventStreamOptions _options;
    private readonly Deadline _deadline;
    private Request? _next;
    private Request _current;
    private EventReader? _reader;
    private Response? _last;
    private string? _lastEventId;
    private long _events;
    private TimeSpan _delay;
    private int _connections;
    private int _fruitless;
    // What the caller's own judgement of the first events was: no break of the stream.
    private NetworkException? _verdict;

    private EventSession(HTTPClient client, Request request, EventStreamOptions options)
    {
        var timeouts = request.Options.Timeouts ?? client.Options.Timeouts;
        (_client, _options, _next, _current) = (client, options, request, request);
        _deadline = Deadline.After(timeouts.Total, client.Options.Clock).Earlier(request.Options.Deadline);
        _lastEventId = request.Options.Headers?["Last-Event-ID"];
        _delay = options.ReconnectDelay;
    }

    public static async IAsyncEnumerable<ServerSentEvent> ReadAsync(
        HTTPClient client, Request request, EventStreamOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var session = new EventSession(client, request, options);
        while (await session.OpenAsync(cancellationToken).ConfigureAwait(false))
        {
            do
            {
                while (session._reader!.TryRead(out var item))
                {
                    var isLast = options.Until?.Matches(item) == true;
                    yield return item;
                    if (isLast)
                        yield break;
                }
            }
            while (await session.FillAsync(cancellationToken).ConfigureAwait(false));
        }
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _reader = null;
        _last?.Dispose();
    }

    /// <summary>Opens the next connection; false where there is none to open any more.</summary>
    private async ValueTask<bool> OpenAsync(CancellationToken cancellationToken)
    {
        while (_next is { } request)
        {
            (_current, _next) = (request, null);
            Dispose();
            _connections++;
            try
            {
                var response = await _client.StreamAsync(Prepare(request), cancellationToken).ConfigureAwait(false);
                if (await AcceptAsync(response, cancellationToken).ConfigureAwait(false))
                    return true;
                Finish(null);
            }
            catch (NetworkException error) when (_connections > 1)
            {
                await GoOnAsync(error, cancellationToken).ConfigureAwait(false);
            }
        }
        return false;
    }

    /// <summary>Waits for more; false at a connection's end, after which there may be another one.</summary>
    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        var reader = _reader!;
        NetworkException? cause = null;
        try
        {
            if (await reader.FillAsync(cancellationToken).ConfigureAwait(false))
                return true;
        }
        catch (NetworkException error)
        {
            cause = error;
        }
        if (reader.Events > 0)
            _fruitless = 0;
        (_events, _lastEventId, _delay) = (_events + reader.Events, reader.LastEventId, reader.ReconnectionTime ?? _delay);
        await GoOnAsync(cause, cancellationToken).ConfigureAwait(false);
        return false;
    }

    private Request Prepare(Request request)
    {
        var headers = new HeaderMap(request.Options.Headers ?? []);
        if (!headers.Contains("Accept"))
            headers.Add("Accept", "text/event-stream");
        // What was said once is no stream (WHATWG HTML, section 9.2.2).
        if (request.Method == "GET" && !headers.Contains("Cache-Control"))
            headers.Add("Cache-Control", "no-store");
        return request with
        {
            Options = request.Options with
            {
                Headers = headers,
                Deadline = _connections == 1 ? request.Options.Deadline : _deadline,
                FirstRead = ReadFirstAsync,
            },
        };
    }

    /// <summary>
    /// The end of an attempt: only when the first event is there has it succeeded, and until then the rules for retries hold. A status or type of
    /// another kind is left to them, and then to <see cref="AcceptAsync"/>.
    /// </summary>
    private async ValueTask ReadFirstAsync(Response response)
    {
        if (!IsStream(response))
            return;
        Begin(response);
        NetworkException? cause = null;
        try
        {
            // The attempt's own timer watches over this read, and over the caller's token.
            var hasBegun = _options.BegunBy is not null ? _reader!.ReadFirstAsync(IsBegun, CancellationToken.None) : _reader!.ReadFirstAsync(CancellationToken.None);
            if (await hasBegun.ConfigureAwait(false) || _options.Until is null)
                return;
        }
        catch (NetworkException error) when (_options.Until is not null && StreamFailure.IsBreak(error) && !ReferenceEquals(error, _verdict))
        {
            cause = error;
        }
        throw CutOff(cause);
    }

    /// <summary>Whether the answer is a stream; false where the server says that there is none any more.</summary>
    private async ValueTask<bool> AcceptAsync(Response response, CancellationToken cancellationToken)
    {
        if (ReferenceEquals(_reader?.Response, response))
            return true;
        if (IsStream(response))
        {
            // Middleware sent a request of its own making.
            Begin(response);
            return true;
        }
        using (response)
        {
            _last = response;
            if (response.Status == 204)
                return false;
            var beginning = await response.ReadBeginningAsync(cancellationToken).ConfigureAwait(false);
            throw response.IsSuccess ? StreamFailure.NotEvents(response, beginning) : StatusFailure.Of(response, beginning);
        }
    }

    private bool IsBegun(ServerSentEvent item)
    {
        try
        {
            return _options.BegunBy!(item) || _options.Until?.Matches(item) == true;
        }
        catch (NetworkException error)
        {
            _verdict = error;
            throw;
        }
    }

    private static bool IsStream(Response response) => response is { IsSuccess: true, Status: not 204, ContentType: "text/event-stream" };

    private void Begin(Response response)
    {
        _reader?.Dispose();
        _last = response;
        _reader = new EventReader(response, _lastEventId);
        _options.Opened?.Invoke(response);
    }

    /// <summary>Decides how to go on where a connection ended or broke: with another one after a wait, not at all, or with an error.</summary>
    private async ValueTask GoOnAsync(NetworkException? cause, CancellationToken cancellationToken)
    {
        var isFinal = cause is { IsTransient: false } or NetworkTimeoutException { Kind: TimeoutKind.Total };
        var next = isFinal ? null : _options.Resume.Next(new EventStreamBreak(_current, _lastEventId, _events, cause));
        var retry = _current.Options.Retry ?? _client.Options.Retry;
        var wait = Backoff.Reconnect(retry, _delay, _options.ReconnectDelayCap, _fruitless);
        if (next is null || _fruitless++ >= _options.Reconnects || cause?.RetryAfter > _options.ReconnectDelayCap || (_deadline.IsFinite && wait >= _deadline.Remaining))
        {
            Finish(cause, isGivenUp: next is not null);
            return;
        }
        await Task.Delay(cause?.RetryAfter > wait ? cause.RetryAfter.Value : wait, _client.Options.Clock, cancellationToken).ConfigureAwait(false);
        _next = next;
    }

    /// <summary>Throws unless the stream ended as it may.</summary>
    private void Finish(NetworkException? cause, bool isGivenUp = false)
    {
        if (_options.Until is not null && (cause is null || StreamFailure.IsBreak(cause)))
            throw CutOff(cause);
        if (cause is not null)
            ExceptionDispatchInfo.Throw(cause);
        if (isGivenUp)
            throw CutOff(null);
    }

    private StreamTruncatedException CutOff(NetworkException? cause)
    {
        var place = _options.Until is { } until ? $"events, before {until}" : "events, and went on no more";
        return StreamFailure.CutOff(_last!, place, _events, cause, _lastEventId);
    }
}

using System.Diagnostics;
using System.Runtime.CompilerServices;
using Codomyrmex.Networking.Execution.Internal;
using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>One call of an <see cref="HTTPClient"/>: sends the request, follows redirects, reads the body where it is to be buffered.</summary>
internal sealed class HttpExchange : Exchange<Response>
{
    private bool _inBody;
    private bool _isHandedOut;
    private ProxyLease? _proxy;
    private int _sendings;

    public required Session Session { get; init; }

    /// <summary>What sends it; with a pool of proxies, another one for each attempt.</summary>
    public required HttpHandler Handler { get; set; }

    public required HttpMethod Method { get; init; }

    public required ParsedUrl Url { get; init; }

    public required RequestBody? Body { get; init; }

    public required RequestOptions Options { get; init; }

    public required bool IsStreamed { get; init; }

    /// <summary>The request of the latest hop.</summary>
    public WireRequest? Wire { get; private set; }

    /// <summary>What the cache did for the latest hop.</summary>
    public CacheOutcome CacheOutcome { get; set; }

    public override string Name => TracedSending.MethodTag(Method) is var method and not "_OTHER" ? method + " call" : "HTTP call";

    /// <summary>Counts the requests that the call sends; hedged ones are sent at the same time.</summary>
    public int CountSending() => Interlocked.Increment(ref _sendings);

    public override Endpoint Endpoint => Url.Endpoint;

    public override TimeProvider Clock => Session.Options.Clock;

    public override ILogger? Logger => Session.Options.Logger;

    public override RetryOptions Retry => Options.Retry ?? Session.Options.Retry;

    public override RetryBudget? Budget => Session.BudgetFor(Url, Retry);

    public Timeouts Timeouts => Options.Timeouts ?? Session.Options.Timeouts;

    public ResponseLimits Limits => Options.Limits ?? Session.Options.Limits;

    public RedirectOptions Redirects => Options.Redirects ?? Session.Options.Redirects;

    private EgressPolicy Policy => Handler.Options.Policy;

    public override PolicyDecision CheckPolicy() =>
        Session.Options is { MessageHandler: not null, MessageHandlerTrustedForEgress: false } && Policy.IsRestrictive
            ? throw PolicyGate.UntrustedHandler(Url.Endpoint)
            // All of a pool are judged, not only the one whose turn it is.
            : Handler.Options.Proxies?.Untrusted is { } proxy && Policy.IsRestrictive
                ? throw PolicyGate.UntrustedProxy(proxy, Url.Endpoint)
                : Policy.CheckTarget(Url.Uri.Scheme, Url.Endpoint.Host, Url.Endpoint.Port);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<Response> AttemptAsync(PhaseTimer timer)
    {
        _inBody = false;
        Wire = null;
        _proxy = null;
        ObjectDisposedException.ThrowIf(Session.Pool.IsClosed, typeof(HTTPClient));
        var url = Url;
        var method = Method;
        var body = Body;
        var hopStart = timer.StartedAt;
        var history = Url.UpgradedFrom is null ? null : Upgrade(null, Url);
        var followed = 0;
        var rules = Redirects;
        while (true)
        {
            if (_proxy is null && Handler is { Options.Proxies: { } proxies, IsForeign: false })
                TakeProxy(proxies, url.Endpoint);
            var wire = Wire = WireRequests.Make(this, url, method, body, timer, hopStart, isFollowUp: followed > 0);
            HttpResponseMessage message;
            try
            {
                message = await Session.FirstStep.SendAsync(this, wire, timer.Token).ConfigureAwait(false);
            }
            catch
            {
                wire.Finish();
                throw;
            }
            // A second message that was sent beside this one may be the one that was answered.
            if (message.RequestMessage is WireRequest answered)
                Wire = wire = answered;
            wire.Received();
            _proxy?.Succeeded();
            if (wire.Connection is null && message.Version.Major == 2 && Handler.Http2Connection(url.Uri) is { } shared)
                wire.CarriedBy(shared);
            var response = new Response(this, message, history, Clock.GetTimestamp());
            try
            {
                FramingCheck.Demand(message, url.Endpoint);
                if (response.Status == 407 && Handler.SendsToProxy(url.Uri))
                    throw WrongProxyCredentials(url.Endpoint);
                if (rules.Limit == 0 || response.RedirectLocation is not { } location)
                {
                    _inBody = true;
                    await response.OpenAsync(IsStreamed, timer).ConfigureAwait(false);
                    if (Options.FirstRead is { } firstRead)
                        await firstRead(response).ConfigureAwait(false);
                    return response;
                }
                if (followed++ >= rules.Limit)
                    throw Redirect.TooMany(url.Uri, response.Status, rules.Limit);
                var named = ParsedUrl.Of(Redirect.Read(url.Uri, response.Status, location));
                var next = named.Upgraded(Session.Options.Hsts);
                Redirect.Demand(url.Uri, response.Status, next.Uri, rules, Policy);
                var nextMethod = Redirect.Method(method, response.Status);
                if (nextMethod != method)
                    body = null;
                if (body is { IsReplayable: false })
                    throw Redirect.Refused(url.Uri, response.Status, "and asks for the body again, which can be read only once (RequestBody.IsReplayable).");
                (history ??= []).Add(new RedirectHop(response.Status, url.Uri, named.Uri));
                if (next.UpgradedFrom is not null)
                    Upgrade(history, next);
                (url, method, hopStart) = (next, nextMethod, Clock.GetTimestamp());
                timer.Arm(Timeout.InfiniteTimeSpan, ErrorCodes.TimeoutTotal);
            }
            catch (Exception error)
            {
                // The answer that led nowhere was one, too.
                if (error is HTTPException { Code: ErrorCodes.HttpTooManyRedirects or ErrorCodes.HttpRedirectRefused } refused)
                    refused.Complete(refused.Failure with { Attempts = [response.ThisAttempt] });
                response.Dispose();
                throw;
            }
            response.Dispose();
        }
    }

    // As browsers show it: a redirect that nobody answered with.
    private static List<RedirectHop> Upgrade(List<RedirectHop>? history, ParsedUrl url)
    {
        history ??= [];
        history.Add(new RedirectHop(307, url.UpgradedFrom!.Uri, url.Uri) { IsUpgrade = true });
        return history;
    }

    public override RetryAdvice Judge(Response result)
    {
        if (result.Status < 400)
            return default;
        // The server knows its own failures: what it says goes before our list.
        return result.ShouldRetry ?? (Retry.Statuses.Contains(result.Status) || (Retry.ErrorCodes.Count > 0 && result.ErrorCode is { } code && Retry.ErrorCodes.Contains(code))) ? new RetryAdvice(true, result.RetryAfter) : default;
    }

    public override bool CanRepeat(WasSent wasSent)
    {
        if (Body is { IsReplayable: false, HasBegun: true })
            return false;
        if (wasSent == WasSent.Never)
            return true;
        return Body is not { IsReplayable: false } && (Retry.RepeatUnsafeMethods || Options.HasIdempotencyKey || IsIdempotent(Method));
    }

    public override NetworkException? Explain(Exception error, PhaseTimer timer)
    {
        // The client was disposed between two attempts: that is nobody's failure.
        if (error is ObjectDisposedException && Wire is null)
            return null;
        var failure = Explain(error, Wire, timer, _inBody);
        if (failure is not null)
            _proxy?.Judge(failure);
        _proxy = null;
        return failure;
    }

    /// <summary>The same for a message of this exchange, also after the call has returned.</summary>
    public NetworkException? Explain(Exception error, WireRequest? wire, PhaseTimer timer, bool inBody)
    {
        var failure = HttpFailure.Explain(error, wire, timer, inBody && wire is not null ? HostOf(wire) : Url.Endpoint, StartedAt, Total, inBody);
        return failure is NetworkTimeoutException { Kind: TimeoutKind.Total } && Options.Budget is { Deadline.IsExpired: true } budget
            ? budget.TimeIsUp(failure.Failure).ToException(error)
            : failure;
    }

    /// <summary>Where a message goes, in the one spelling of its host.</summary>
    public Endpoint HostOf(WireRequest wire) => ReferenceEquals(wire.RequestUri, Url.Uri) ? Url.Endpoint : Endpoint.Of(wire.RequestUri!);

    // Each proxy has a handler, and so connections, of its own.
    private void TakeProxy(ProxyPool proxies, Endpoint target)
    {
        if (!Handler.Dialer.UsesProxy(target.Host, target.Port))
            return;
        _proxy = proxies.Take(Options.SessionKey, target);
        Handler = Session.Pool.Through(_proxy.Proxy, Handler, Limits.HeaderBytes);
    }

    public override Attempt Discard(Response result)
    {
        var attempt = result.ThisAttempt;
        result.Dispose();
        return attempt;
    }

    // In absolute form the proxy answers in the server's place; through a tunnel it would have said the same.
    private NetworkException WrongProxyCredentials(Endpoint target) => new NetworkFailure
    {
        Code = ErrorCodes.ProxyAuthentication,
        Message = $"Proxy {Handler.Options.Proxy} forwarded nothing to {target}: {(Handler.Options.Proxy!.User is null ? "it wants credentials" : "it rejected the user and password")}.",
        Phase = NetworkPhase.Proxy,
        Endpoint = target,
        BlamesProxy = true,
    }.ToException();

    public override NetworkException TooLongToWait(Response result, TimeSpan wait)
    {
        var failure = new NetworkFailure
        {
            Code = ErrorCodes.RateLimited,
            Message = $"{Url.Endpoint} answered {result.Status} and asks to wait {wait.TotalSeconds:0.###} s; {Retry.RetryAfterCap.TotalSeconds:0.###} s are allowed (RetryOptions.RetryAfterCap).",
            Phase = NetworkPhase.Wait,
            Endpoint = Url.Endpoint,
            WasSent = WasSent.Yes,
            RetryAfter = wait,
            RequestId = result.RequestId,
            Attempts = [result.ThisAttempt],
        };
        result.Dispose();
        return new RateLimitException(failure) { RetryAt = Clock.GetUtcNow() + wait };
    }

    public override bool TakesTimer(Response result) => _isHandedOut = result.TakeTimer();

    // A streamed response is under way until it is disposed.
    public override void Ended()
    {
        if (!_isHandedOut)
            Session.Pool.Leave();
    }

    public override void Describe(Response? result, ref TagList tags)
    {
        tags.Add("http.request.method", TracedSending.MethodTag(Method));
        tags.Add("url.scheme", Url.Uri.Scheme);
        if (result is null)
            return;
        tags.Add("http.response.status_code", result.Status);
        tags.Add("network.protocol.version", TracedSending.VersionTag(result.Version));
        if (result.Status >= 400)
            tags.Add("error.type", result.Status.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>The total time that this call was given.</summary>
    public TimeSpan Total => Deadline.AllowedSince(StartedAt, Clock);

    // RFC 9110, section 9.2.2.
    public static bool IsIdempotent(HttpMethod method) =>
        method == HttpMethod.Get || method == HttpMethod.Head || method == HttpMethod.Put || method == HttpMethod.Delete ||
        method == HttpMethod.Options || method == HttpMethod.Trace || method.Method == "QUERY";
}

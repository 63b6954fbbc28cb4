using System.Diagnostics;
using System.Globalization;
using System.Net;
using Codomyrmex.Networking.Diagnostics;
using Codomyrmex.Networking.Diagnostics.Internal;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// Span and metrics of one request on the wire, by the OpenTelemetry semantic conventions for HTTP clients: each sending has its own, from the first one of a call to
/// those of its redirects, retries and answered challenges. It ends when the answer's fields are here.
/// </summary>
internal static class TracedSending
{
    public static bool IsHeard => Instruments.Source.HasListeners() || Instruments.RequestDuration.Enabled || Instruments.ActiveRequests.Enabled;

    public static async Task<HttpResponseMessage> SendAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken)
    {
        var start = exchange.Clock.GetTimestamp();
        var url = wire.RequestUri!;
        var endpoint = ReferenceEquals(url, exchange.Url.Uri) ? exchange.Url.Endpoint : Endpoint.Of(url);
        object port = endpoint.Port;
        var method = MethodTag(wire.Method);
        var resends = exchange.CountSending() - 1;
        using var activity = Start(wire, url, endpoint.Host, port, method, resends);
        Propagate(wire);
        var isCounted = Instruments.ActiveRequests.Enabled;
        var active = new TagList { { "http.request.method", method }, { "server.address", endpoint.Host }, { "server.port", port }, { "url.scheme", url.Scheme } };
        if (isCounted)
            Instruments.ActiveRequests.Add(1, active);
        var ending = active;
        try
        {
            var message = await exchange.Handler.SendAsync(wire, cancellationToken).ConfigureAwait(false);
            Describe(message, ref ending);
            return message;
        }
        catch (Exception error)
        {
            var type = ErrorType(error, wire);
            ending.Add("error.type", type);
            // Giving up is no fault of anybody's.
            if (type != NetworkTelemetry.Cancelled)
                activity?.SetStatus(ActivityStatusCode.Error, ErrorCodes.Find(type)?.Summary);
            throw;
        }
        finally
        {
            if (isCounted)
                Instruments.ActiveRequests.Add(-1, active);
            if (Instruments.RequestDuration.Enabled)
                Instruments.RequestDuration.Record(exchange.Clock.GetElapsedTime(start).TotalSeconds, ending);
            if (activity is { IsAllDataRequested: true })
                End(activity, exchange, wire, ending);
        }
    }

    /// <summary>Lets the peer continue the present span (W3C Trace Context, section 3).</summary>
    public static void Propagate(WireRequest wire)
    {
        if (Activity.Current is not { IdFormat: ActivityIdFormat.W3C, Id: { } id } activity || wire.Headers.NonValidated.Contains("traceparent"))
            return;
        wire.Headers.TryAddWithoutValidation("traceparent", id);
        if (activity.TraceStateString is { Length: > 0 } state)
            wire.Headers.TryAddWithoutValidation("tracestate", state);
    }

    /// <summary>The method where it is a known one: those that callers invent must not multiply the series of a metric.</summary>
    public static string MethodTag(HttpMethod method) => method.Method switch
    {
        "GET" or "HEAD" or "POST" or "PUT" or "DELETE" or "CONNECT" or "OPTIONS" or "TRACE" or "PATCH" or "QUERY" => method.Method,
        _ => "_OTHER",
    };

    /// <summary>The URL without what may be secret: the user, and all of the query, whose values nobody can judge by their names alone.</summary>
    public static string FullUrl(Uri url) => url.Query.Length <= 1 ? url.GetLeftPart(UriPartial.Path) : url.GetLeftPart(UriPartial.Path) + "?*";

    private static Activity? Start(WireRequest wire, Uri url, string host, object port, string method, int resends)
    {
        if (!Instruments.Source.HasListeners())
            return null;
        // Samplers decide by what is known at the start.
        var activity = Instruments.Source.StartActivity(method == "_OTHER" ? "HTTP" : method, ActivityKind.Client, default(ActivityContext),
        [
            new("http.request.method", method), new("server.address", host), new("server.port", port), new("url.full", FullUrl(url)),
        ]);
        if (activity is not { IsAllDataRequested: true })
            return activity;
        if (method == "_OTHER")
            activity.SetTag("http.request.method_original", wire.Method.Method);
        if (resends > 0)
            activity.SetTag("http.request.resend_count", resends);
        return activity;
    }

    private static void Describe(HttpResponseMessage message, ref TagList tags)
    {
        var status = (int)message.StatusCode;
        tags.Add("http.response.status_code", status);
        tags.Add("network.protocol.version", VersionTag(message.Version));
        if (status >= 400)
            tags.Add("error.type", status.ToString(CultureInfo.InvariantCulture));
    }

    public static string VersionTag(Version version) => version.Major == 1 ? version.ToString(2) : version.ToString(1);

    private static void End(Activity activity, HttpExchange exchange, WireRequest wire, TagList tags)
    {
        foreach (var (name, value) in tags)
        {
            if (name != "url.scheme")
                activity.SetTag(name, value);
        }
        if (activity.GetTagItem("http.response.status_code") is >= 400)
            activity.SetStatus(ActivityStatusCode.Error);
        if ((wire.Connection ?? exchange.Handler.Http2Connection(wire.RequestUri!))?.Trace.Remote is IPEndPoint peer)
        {
            activity.SetTag("network.peer.address", peer.Address.ToString());
            activity.SetTag("network.peer.port", peer.Port);
        }
    }

    private static string ErrorType(Exception error, WireRequest wire)
    {
        if (ErrorMap.Ours(error) is { } ours)
            return ours.Code;
        return error is OperationCanceledException ? wire.FiredTimeout ?? NetworkTelemetry.Cancelled : ErrorMap.Code(error, inBody: false);
    }
}

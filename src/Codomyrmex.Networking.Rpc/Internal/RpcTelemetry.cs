using System.Diagnostics;
using Codomyrmex.Networking.Diagnostics;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>Spans of calls, by OpenTelemetry's conventions for JSON-RPC. The caller's goes with the message, so that both sides' hang together.</summary>
internal static class RpcTelemetry
{
    private const int LongestState = 512; // W3C Trace Context, section 3.3.1.5

    private static readonly ActivitySource Source = new(NetworkTelemetry.ActivitySourceName);

    public static Activity? StartCall(string method, RpcPeer peer) => Start(method, ActivityKind.Client, default, peer);

    /// <summary>The span of a call that is served, below that of whoever called.</summary>
    public static Activity? StartServing(string method, string? parent, string? state, RpcPeer peer)
    {
        if (!Source.HasListeners())
            return null;
        // It goes on into the fields of requests that the method makes.
        if (state is not null && (state.Length > LongestState || state.AsSpan().ContainsAnyExceptInRange(' ', '~')))
            state = null;
        // What is no context is none (W3C Trace Context, section 3.2.2.5): the span then begins a trace.
        ActivityContext.TryParse(parent, state, isRemote: true, out var context);
        return Start(method, ActivityKind.Server, context, peer);
    }

    public static void Fail(Activity? span, Exception error)
    {
        span?.SetTag("error.type", error is NetworkException failure ? failure.Code : error is OperationCanceledException ? NetworkTelemetry.Cancelled : error.GetType().FullName);
        if (error is not OperationCanceledException)
            span?.SetStatus(ActivityStatusCode.Error, error is NetworkException ? error.Message : null);
    }

    /// <summary>The method answered with an error.</summary>
    public static void Fail(Activity? span, int code)
    {
        span?.SetTag("rpc.jsonrpc.error_code", code).SetTag("error.type", code.ToString(null, null)).SetStatus(ActivityStatusCode.Error);
    }

    private static Activity? Start(string method, ActivityKind kind, ActivityContext parent, RpcPeer peer)
    {
        if (!Source.HasListeners() || Source.StartActivity(method, kind, parent) is not { } span)
            return null;
        span.SetTag("rpc.system", "jsonrpc").SetTag("rpc.method", method).SetTag("rpc.jsonrpc.version", "2.0");
        if (peer.Endpoint is { } endpoint)
        {
            span.SetTag(kind == ActivityKind.Client ? "server.address" : "client.address", endpoint.Host);
            if (kind == ActivityKind.Client && endpoint.Port > 0)
                span.SetTag("server.port", endpoint.Port);
        }
        return span;
    }
}

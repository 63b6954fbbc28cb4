namespace Codomyrmex.Networking.Llm.Protocol;

/// <summary>An error that a service reports in an event.</summary>
/// <param name="Kind">Its own word for it, such as <c>overloaded_error</c>; empty where it gives none.</param>
/// <param name="Message">What it says; empty where it says nothing.</param>
internal sealed record ReportedError(string Kind, string Message)
{
    /// <summary>Whether the same request may well succeed later: the service is busy or failed by itself, and the request is not at fault.</summary>
    public bool IsTransient => Kind switch
    {
        "overloaded_error" or "overloaded" or "api_error" or "server_error" or "internal_error" or "internal_server_error" or "timeout_error" or "timeout" or "rate_limit_error" or
        "rate_limit_exceeded" or "service_unavailable" or "bad_gateway" or "engine_overloaded" => true,
        _ => int.TryParse(Kind, out var status) && status is 408 or 429 or >= 500,
    };
}

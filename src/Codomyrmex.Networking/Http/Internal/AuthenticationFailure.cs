namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Failures of credentials: one could not be obtained, applied or confirmed (<c>http.authentication</c>).</summary>
internal static class AuthenticationFailure
{
    public static HTTPException Of(string message, Endpoint endpoint, WasSent wasSent = WasSent.Never, Exception? cause = null) => new(new NetworkFailure
    {
        Code = ErrorCodes.HttpAuthentication,
        Message = message,
        Phase = wasSent == WasSent.Yes ? NetworkPhase.Receive : NetworkPhase.Prepare,
        Endpoint = endpoint,
        WasSent = wasSent,
    }, cause);

    public static HTTPException BodyIsGone(Endpoint endpoint, int status) => new(new NetworkFailure
    {
        Code = ErrorCodes.HttpAuthentication,
        Message = $"{endpoint} answered {status} and wants the request again with other credentials, but its body can be read only once (RequestBody.IsReplayable).",
        Hint = "Send a replayable body, or a request without one first: what it learns serves the next.",
        Phase = NetworkPhase.Receive,
        Endpoint = endpoint,
        WasSent = WasSent.Yes,
    })
    { Status = status };

    public static HTTPException BodyCannotBeHashed(Endpoint endpoint, string instead) => new(new NetworkFailure
    {
        Code = ErrorCodes.HttpAuthentication,
        Message = $"The signature of a request to {endpoint} covers its body, which can be read only once (RequestBody.IsReplayable).",
        Hint = instead,
        Phase = NetworkPhase.Prepare,
        Endpoint = endpoint,
    });
}

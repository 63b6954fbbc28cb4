namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>A transfer that does not move.</summary>
internal static class SftpIdle
{
    public static NetworkException Failure(Endpoint endpoint, TimeSpan limit) => new NetworkFailure
    {
        Code = ErrorCodes.TimeoutIdle,
        Message = $"A transfer with {endpoint} did not move for {limit.TotalSeconds:0.###} s.",
        Phase = NetworkPhase.Receive,
        Endpoint = endpoint,
        WasSent = WasSent.Yes,
    }.ToException();
}

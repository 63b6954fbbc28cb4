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

    /// <summary>Waits for an answer within the limit.</summary>
    public static async ValueTask WaitAsync(SftpReply reply, Endpoint endpoint, TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        var task = reply.Task;
        if (task.IsCompleted)
        {
            await task.ConfigureAwait(false);
            return;
        }
        try
        {
            await task.AsTask().WaitAsync(limit, clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw Failure(endpoint, limit);
        }
    }
}

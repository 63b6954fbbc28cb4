namespace Codomyrmex.Networking.Samples;

/// <summary>One family of errors: what happened, where, whether to try again, and what to do about it.</summary>
public static class Errors
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // sample: catch
        try
        {
            await AskAsync(server, ct);
        }
        catch (NetworkTimeoutException error)
        {
            await output.WriteLineAsync($"too slow while in {error.Phase}: {error.Message}");
        }
        catch (NetworkException error)
        {
            await output.WriteLineAsync($"{error.Code} from {error.Endpoint}: {error.Message}");
            await output.WriteLineAsync($"try again: {(error.IsTransient && error.WasSent == WasSent.Never ? "yes" : "no")}. {error.Hint}");
        }
        // end
    }

    // Stands for any call of the library: they all fail like this.
    private static Task AskAsync(Uri server, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var failure = new NetworkFailure
        {
            Code = ErrorCodes.TcpRefused,
            Message = $"{server.Authority} refused the connection",
            Phase = NetworkPhase.Connect,
            Endpoint = Endpoint.Of(server),
        };
        return Task.FromException(failure.ToException());
    }
}

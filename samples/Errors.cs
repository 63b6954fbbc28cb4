using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Samples;

/// <summary>One family of errors: what happened, where, whether to try again, and what to do about it.</summary>
public static class Errors
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        await using var client = HTTPClient.Create();
        // sample: catch
        try
        {
            await client.GetAsync("http://127.0.0.1:9/", cancellationToken: ct);
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
}

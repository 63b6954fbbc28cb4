using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The steps about servers that are slow, absent, or out of bounds.</summary>
internal static class DemoTrouble
{
    private static readonly HTTPClientOptions Once = new() { Retry = RetryOptions.None };

    public static DemoStep[] Steps(Lab lab) =>
    [
        new("Trouble", "retry a server that recovers", ct => RetryAsync(lab, ct)),
        new("Trouble", "give up on a slow server in time", ct => TimeOutAsync(lab, ct)),
        new("Trouble", "say why nobody answers", RefuseAsync),
        new("Trouble", "refuse an answer that is too large", ct => LimitAsync(lab, ct)),
        new("Trouble", "turn a bad status into an error", ct => StatusAsync(lab, ct)),
    ];

    private static async Task<string> RetryAsync(Lab lab, CancellationToken cancellationToken)
    {
        await using var client = new HTTPClient(new HTTPClientOptions { Retry = RetryOptions.Default with { BaseDelay = TimeSpan.FromMilliseconds(20) } });
        using var response = (await client.GetAsync($"{lab.Http.Url}flaky/demo/2", null, cancellationToken)).EnsureSuccess();
        DemoFailure.Unless(response.Attempts.Count == 3, $"{response.Attempts.Count} attempts instead of 3");
        return "answered " + string.Join(", ", response.Attempts.Select(attempt => attempt.Status));
    }

    private static async Task<string> TimeOutAsync(Lab lab, CancellationToken cancellationToken)
    {
        await using var client = new HTTPClient(Once with { Timeouts = Timeouts.Default with { Total = TimeSpan.FromMilliseconds(150) } });
        var error = await DemoFailure.CatchAsync<NetworkTimeoutException>(client.GetAsync($"{lab.Http.Url}delay/10", null, cancellationToken), ErrorCodes.TimeoutTotal);
        return Told(error);
    }

    private static async Task<string> RefuseAsync(CancellationToken cancellationToken)
    {
        Uri nobody;
        await using (var gone = LoopbackServer.Start())
            nobody = gone.Url;
        await using var client = new HTTPClient(Once);
        return Told(await DemoFailure.CatchAsync<ConnectionException>(client.GetAsync(nobody.AbsoluteUri, null, cancellationToken), ErrorCodes.TcpRefused));
    }

    private static async Task<string> LimitAsync(Lab lab, CancellationToken cancellationToken)
    {
        await using var client = new HTTPClient(Once with { Limits = ResponseLimits.Default with { BufferedBytes = 4096 } });
        return Told(await DemoFailure.CatchAsync<HTTPException>(client.GetAsync($"{lab.Http.Url}bytes/100000", null, cancellationToken), ErrorCodes.HttpTooLarge));
    }

    private static async Task<string> StatusAsync(Lab lab, CancellationToken cancellationToken)
    {
        await using var client = new HTTPClient(Once);
        using var response = await client.GetAsync($"{lab.Http.Url}status/404", null, cancellationToken);
        return Told(await DemoFailure.CatchAsync<HTTPException>(Task.Run(response.EnsureSuccess, cancellationToken), ErrorCodes.HttpStatus));
    }

    /// <summary>A failure as the steps show it.</summary>
    public static string Told(NetworkException error) => $"{error.Code}: {error.Message}";
}

using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>A token endpoint (<c>/token</c>) and a service that takes its latest token (<c>/data</c>), at one origin.</summary>
internal sealed class TokenServer : IAsyncDisposable
{
    private readonly TaskCompletionSource _together = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _rejected;
    private int _issued;

    public TokenServer()
    {
        Server = LoopbackServer.Start();
        Server.Map("POST", "/token", async exchange =>
        {
            var body = Encoding.UTF8.GetString(await exchange.ReadBodyAsync());
            lock (Forms)
                Forms.Add(body);
            Asked.TrySetResult();
            await Gate.Task;
            await Answer(exchange, Interlocked.Increment(ref _issued));
        });
        Server.Map("*", "/data", async exchange =>
        {
            if (exchange.Headers["Authorization"] == $"Bearer {Accepted ?? $"token-{_issued}"}")
            {
                await exchange.RespondAsync(200, "data");
                return;
            }
            if (Interlocked.Increment(ref _rejected) == RejectTogether)
                _together.SetResult();
            if (RejectTogether > 0)
                await _together.Task.WaitAsync(RawAnswer.Patience);
            await exchange.RespondAsync(401, headers: [new("WWW-Authenticate", "Bearer error=\"invalid_token\"")]);
        });
    }

    public LoopbackServer Server { get; }

    /// <summary>The bodies of the token requests.</summary>
    public List<string> Forms { get; } = [];

    /// <summary>Set when a token request has arrived.</summary>
    public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Holds token answers back until it is set; set from the start.</summary>
    public TaskCompletionSource Gate { get; set; } = Open();

    /// <summary>How a token request is answered; by the number of tokens issued.</summary>
    public Func<LoopbackExchange, int, Task> Answer { get; set; } = (exchange, number) => Token(exchange, number, 3600);

    /// <summary>The only token that the service accepts; null for the latest.</summary>
    public string? Accepted { get; set; }

    /// <summary>That many requests are rejected at the same time, when the last of them has arrived; 0 for each at once.</summary>
    public int RejectTogether { get; set; }

    public string TokenUrl => Server.Url + "token";

    public string DataUrl => Server.Url + "data";

    public OAuth2Options Options => new() { TokenUrl = TokenUrl, ClientId = "the client", ClientSecret = "s3cr:t&" };

    public static Task Token(LoopbackExchange exchange, int number, int expiresIn, string more = "") =>
        exchange.RespondAsync(200, $"{{\"access_token\":\"token-{number}\",\"token_type\":\"bearer\",\"expires_in\":{expiresIn}{more}}}", "application/json");

    public ValueTask DisposeAsync()
    {
        Gate.TrySetResult();
        return Server.DisposeAsync();
    }

    private static TaskCompletionSource Open()
    {
        var gate = new TaskCompletionSource();
        gate.SetResult();
        return gate;
    }
}

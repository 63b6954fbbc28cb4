namespace Codomyrmex.Networking.Testing;

/// <summary>What a <see cref="ChatServer"/> demands and grants.</summary>
public sealed record ChatServerOptions
{
    /// <summary>How it listens. The default value is plain HTTP on 127.0.0.1 and any free port.</summary>
    public LoopbackServerOptions Listen { get; init; } = new();

    /// <summary>The models that there are; others are answered with 404. The default value is <c>test-model</c>.</summary>
    public IReadOnlyList<string> Models { get; init; } = ["test-model"];

    /// <summary>The key that must come, as a bearer token or in <c>x-api-key</c>; without it the answer is 401. The default value is null: none is asked for.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Requests in a minute; beyond them the answer is 429. The default value is 1,000.</summary>
    public int RequestsPerMinute { get; init; } = 1000;

    /// <summary>Tokens in a minute, a word being one; beyond them the answer is 429. The default value is 100,000.</summary>
    public int TokensPerMinute { get; init; } = 100_000;

    /// <summary>Shows no key.</summary>
    public override string ToString() => $"{nameof(ChatServerOptions)} {{ Models = {string.Join(", ", Models)} }}";
}

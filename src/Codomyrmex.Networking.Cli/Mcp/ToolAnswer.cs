using System.Text.Json;
using Codomyrmex.Networking.Cli.Rendering;

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>What came of a call: the same members whatever the tool, and whether it succeeded or not.</summary>
internal sealed record ToolAnswer
{
    public const string Ok = "ok";

    /// <summary><see cref="Ok"/>, or what went wrong.</summary>
    public string Code { get; init; } = Ok;

    public string? Message { get; init; }

    public string? Hint { get; init; }

    /// <summary>Whether the same call may work later.</summary>
    public bool IsTransient { get; init; }

    public WasSent WasSent { get; init; } = WasSent.Yes;

    /// <summary>Not before then, where somebody said so.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>Whether the tool did not do what it was called for.</summary>
    public bool IsError { get; init; }

    /// <summary>Writes the members of <c>result</c>; null for none.</summary>
    public Action<Utf8JsonWriter>? Result { get; init; }

    /// <summary>What came from the network; it is cleaned and cut into pages.</summary>
    public ToolContent? Content { get; init; }

    /// <summary>A page of what had come before, in place of a new content.</summary>
    public Page? Page { get; init; }

    /// <summary>A failure of the network, of the policy or of a budget.</summary>
    public static ToolAnswer Of(NetworkException error, DateTimeOffset now) => new()
    {
        Code = error.Code,
        Message = PropertyNames.Replace(error.Message),
        // Who asks here sets no options.
        Hint = error.Hint is { } hint ? PropertyNames.Replace(hint) : null,
        IsTransient = error.IsTransient,
        WasSent = error.WasSent,
        RetryAt = (error as RateLimitException)?.RetryAt ?? (error.RetryAfter is { } wait ? now + wait : null),
        IsError = true,
    };

    /// <summary>What the model asked for makes no sense, or is not for it to ask for.</summary>
    public static ToolAnswer Refused(string code, string message) => new() { Code = code, Message = message, WasSent = WasSent.Never, IsError = true };
}

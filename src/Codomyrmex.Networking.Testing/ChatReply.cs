namespace Codomyrmex.Networking.Testing;

/// <summary>What a <see cref="ChatServer"/> answers, in whichever shape it was asked: a text, calls of tools, an error, or one of these gone wrong. Immutable.</summary>
public sealed record ChatReply
{
    /// <summary>The status. The default value is 200.</summary>
    public int Status { get; init; } = 200;

    /// <summary>The text in the parts that a stream brings it in. The default value is none.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];

    /// <summary>The calls of tools. The default value is none.</summary>
    public IReadOnlyList<ChatToolCall> ToolCalls { get; init; } = [];

    /// <summary>What an error says. The default value names the status.</summary>
    public string? Message { get; init; }

    /// <summary>How long to wait, sent as <c>retry-after-ms</c> and, in whole seconds, as <c>retry-after</c>. The default value is null: neither.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What <c>x-should-retry</c> says. The default value is null: the field is not sent.</summary>
    public bool? ShouldRetry { get; init; }

    /// <summary>How long each event of a stream takes to come, on the server's clock. The default value is zero.</summary>
    public TimeSpan Pause { get; init; }

    /// <summary>Pings before each event of a stream: comments, or events of that name where the shape has them. The default value is 0.</summary>
    public int Pings { get; init; }

    /// <summary>Why the answer ends, in the shape's own word. The default value is null: it is whole, or waits for its tools.</summary>
    public string? FinishReason { get; init; }

    /// <summary>The type of the error that <see cref="ChatFault.ErrorEvent"/> tells of, such as <c>invalid_request_error</c>. The default value is null: the service is overloaded.</summary>
    public string? ErrorType { get; init; }

    /// <summary>What goes wrong. The default value is <see cref="ChatFault.None"/>.</summary>
    public ChatFault Fault { get; init; }

    /// <summary>After how many events of a stream it goes wrong. The default value is 0: after the fields.</summary>
    public int FaultAfter { get; init; }

    /// <summary>A text.</summary>
    /// <param name="parts">The parts that a stream brings it in.</param>
    public static ChatReply Text(params string[] parts) => new() { Parts = parts };

    /// <summary>A call of a tool.</summary>
    /// <param name="name">The tool.</param>
    /// <param name="arguments">Its arguments, a JSON object as text.</param>
    public static ChatReply Tool(string name, string arguments) => new() { ToolCalls = [new ChatToolCall(name, arguments)] };

    /// <summary>An error instead of an answer.</summary>
    /// <param name="status">The status, 400 or above.</param>
    /// <param name="retryAfter">How long to wait; null does not say.</param>
    public static ChatReply Fail(int status, TimeSpan? retryAfter = null) => new() { Status = status, RetryAfter = retryAfter };
}

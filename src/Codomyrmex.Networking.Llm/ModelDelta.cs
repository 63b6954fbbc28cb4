namespace Codomyrmex.Networking.Llm;

/// <summary>What one event of a stream adds to an answer: the property that is not null.</summary>
public readonly record struct ModelDelta
{
    /// <summary>The next characters of the text.</summary>
    public string? Text { get; init; }

    /// <summary>The next characters of the reasoning, where the service shows it.</summary>
    public string? Reasoning { get; init; }

    /// <summary>The next characters of a refusal.</summary>
    public string? Refusal { get; init; }

    /// <summary>A piece of a call of a tool.</summary>
    public ModelToolCallPiece? ToolCallPiece { get; init; }

    /// <summary>A call of a tool of which all pieces have come.</summary>
    public ModelToolCall? ToolCall { get; init; }

    /// <summary>The tokens so far, as the service counts them; later ones replace earlier ones.</summary>
    public ModelUsage? Usage { get; init; }

    /// <summary>Why the model stopped.</summary>
    public ModelFinishReason? FinishReason { get; init; }
}

namespace Codomyrmex.Networking.Llm;

/// <summary>The tokens that an answer took.</summary>
/// <param name="InputTokens">Tokens of the question, those from a cache included.</param>
/// <param name="OutputTokens">Tokens of the answer, those of its reasoning included.</param>
public readonly record struct ModelUsage(long InputTokens, long OutputTokens)
{
    /// <summary>How many of <see cref="InputTokens"/> came from the service's cache of prompts.</summary>
    public long CachedInputTokens { get; init; }

    /// <summary>Both together.</summary>
    public long TotalTokens => InputTokens + OutputTokens;
}

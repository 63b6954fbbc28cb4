namespace Codomyrmex.Networking.Llm;

/// <summary>How a <see cref="ModelStream"/> reads an answer, and what it may cost. Immutable.</summary>
public sealed record ModelStreamOptions
{
    /// <summary>The form of the events.</summary>
    public required ModelFormat Format { get; init; }

    /// <summary>What this answer may cost together with others. The default value is null: no limit.</summary>
    public ModelBudget? Budget { get; init; }

    /// <summary>
    /// The tokens of the question: for the budget until the service has said how many there were, and for the limits of its host where the request says nothing (<c>RequestOptions.TokenCost</c>). The default value is null: a quarter of the body's bytes.
    /// </summary>
    public long? InputTokens { get; init; }

    /// <summary>
    /// Counts the tokens of a piece of the answer, for the budget until the service has said how many there were. The default value is null: a quarter of the characters, and at least one.
    /// </summary>
    public Func<string, int>? CountTokens { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Format))
            throw new ArgumentOutOfRangeException("ModelStreamOptions.Format", Format, "There is no such format.");
        ArgumentOutOfRangeException.ThrowIfNegative(InputTokens ?? 0, "ModelStreamOptions.InputTokens");
    }
}

namespace Codomyrmex.Networking.Llm;

/// <summary>What tokens cost, in a currency of the operator's choice. There is no built-in list: prices change, and differ by contract. Immutable.</summary>
public sealed record ModelPrices
{
    /// <summary>The price of a million tokens of input. The default value is 0.</summary>
    public decimal InputPerMillion { get; init; }

    /// <summary>The price of a million tokens of output. The default value is 0.</summary>
    public decimal OutputPerMillion { get; init; }

    /// <summary>The price of a million tokens of input that come from the service's cache. The default value is null: as all input.</summary>
    public decimal? CachedInputPerMillion { get; init; }

    /// <summary>What an answer costs.</summary>
    /// <param name="usage">Its tokens.</param>
    public decimal CostOf(ModelUsage usage)
    {
        var cached = Math.Clamp(usage.CachedInputTokens, 0, usage.InputTokens);
        return (((usage.InputTokens - cached) * InputPerMillion) + (cached * (CachedInputPerMillion ?? InputPerMillion)) + (usage.OutputTokens * OutputPerMillion)) / 1_000_000m;
    }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is negative; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(InputPerMillion, "ModelPrices.InputPerMillion");
        ArgumentOutOfRangeException.ThrowIfNegative(OutputPerMillion, "ModelPrices.OutputPerMillion");
        ArgumentOutOfRangeException.ThrowIfNegative(CachedInputPerMillion ?? 0, "ModelPrices.CachedInputPerMillion");
    }
}

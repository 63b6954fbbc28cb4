using System.Globalization;

namespace Codomyrmex.Networking.Llm;

/// <summary>
/// What answers of models may take altogether: tokens, and money by prices of the operator's. Make one and pass it to every stream of the task: the one that would go beyond it is stopped in the middle,
/// and later ones are not sent. Thread-safe.
/// </summary>
/// <remarks>
/// While an answer comes its tokens are estimated, unless the service tells them on the way; its own count then takes the estimate's place. An answer that is over when that count arrives is not taken
/// back, so a budget may be exceeded by the error of one estimate. Attempts that failed before their first token cost nothing.
/// </remarks>
public sealed class ModelBudget
{
    private readonly Lock _lock = new();
    private readonly long? _tokens;
    private readonly decimal? _cost;
    private readonly ModelPrices? _prices;
    private long _tokensUsed;
    private decimal _costUsed;

    /// <summary>Makes a budget.</summary>
    /// <param name="tokens">Tokens allowed, input and output together; null for any number.</param>
    /// <param name="cost">Money allowed, in the currency of the prices; null for any.</param>
    /// <param name="prices">What tokens cost; needed for <paramref name="cost"/>, and for <see cref="CostUsed"/> to count.</param>
    /// <exception cref="ArgumentException">A number is negative, or there is a limit of cost without prices.</exception>
    public ModelBudget(long? tokens = null, decimal? cost = null, ModelPrices? prices = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens ?? 0, nameof(tokens));
        ArgumentOutOfRangeException.ThrowIfNegative(cost ?? 0, nameof(cost));
        if (cost is not null && prices is null)
            throw new ArgumentException("A limit of cost needs prices.", nameof(prices));
        prices?.Validate();
        (_tokens, _cost, _prices) = (tokens, cost, prices);
    }

    /// <summary>Tokens so far, those of answers under way included.</summary>
    public long TokensUsed
    {
        get
        {
            lock (_lock)
                return _tokensUsed;
        }
    }

    /// <summary>Money so far; 0 without prices.</summary>
    public decimal CostUsed
    {
        get
        {
            lock (_lock)
                return _costUsed;
        }
    }

    /// <summary>What was used, of what is allowed.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"tokens {TokensUsed}/{(_tokens is { } tokens ? tokens.ToString(CultureInfo.InvariantCulture) : "any")}, cost {CostUsed:0.####}/{(_cost is { } cost ? cost.ToString("0.####", CultureInfo.InvariantCulture) : "any")}");

    /// <summary>Puts a new count of an answer in the place of the one before.</summary>
    internal void Settle(ModelUsage before, ModelUsage now)
    {
        lock (_lock)
        {
            _tokensUsed += now.TotalTokens - before.TotalTokens;
            _costUsed += (_prices?.CostOf(now) ?? 0) - (_prices?.CostOf(before) ?? 0);
        }
    }

    /// <summary>Says what is spent: a code and a sentence; null where there is something left.</summary>
    internal (string Code, string Sentence)? Spent(bool beforeSending)
    {
        lock (_lock)
        {
            if (_tokens is { } tokens && (_tokensUsed > tokens || (beforeSending && _tokensUsed == tokens)))
                return (ErrorCodes.ModelBudgetTokens, string.Create(CultureInfo.InvariantCulture, $"The budget of {tokens} tokens (ModelBudget) is spent"));
            if (_cost is { } cost && (_costUsed > cost || (beforeSending && _costUsed == cost)))
                return (ErrorCodes.ModelBudgetCost, string.Create(CultureInfo.InvariantCulture, $"The budget of {cost:0.######} for models (ModelBudget) is spent"));
            return null;
        }
    }
}

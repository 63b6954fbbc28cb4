namespace Codomyrmex.Networking;

/// <summary>What a quota counts.</summary>
public enum RateLimitUnit
{
    /// <summary>Requests.</summary>
    Requests,

    /// <summary>Tokens of a model: input, output or both.</summary>
    Tokens,

    /// <summary>Something else, such as bytes; it is reported and not enforced.</summary>
    Other,
}

namespace Codomyrmex.Networking.Llm;

/// <summary>Why a model stopped.</summary>
public enum ModelFinishReason
{
    /// <summary>It said all that it had to say, or met a stop sequence.</summary>
    Stop,

    /// <summary>It reached the number of tokens allowed.</summary>
    Length,

    /// <summary>It waits for the results of the tools that it calls.</summary>
    ToolCalls,

    /// <summary>A filter of the service, or the model itself, refused.</summary>
    Refusal,

    /// <summary>Another reason; <see cref="ModelAnswer.FinishReasonText"/> has the service's word for it.</summary>
    Other,
}

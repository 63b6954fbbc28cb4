namespace Codomyrmex.Networking.Llm;

/// <summary>
/// An answer that had begun did not come to its end: the stream broke, stalled or ended without its terminal event (<c>model.interrupted</c>; the inner exception says how), the service reported an
/// error in the middle of it (<c>model.error</c>), sent what is none of its events (<c>model.malformed</c>), or a <see cref="ModelBudget"/> was spent (<c>model.budget_tokens</c>,
/// <c>model.budget_cost</c>). What has come is <see cref="Partial"/>: whether to keep it, to ask for the rest or to begin anew is the caller's decision.
/// </summary>
public sealed class ModelStreamException : ModelException
{
    internal ModelStreamException(NetworkFailure failure, ModelAnswer partial, Exception? inner = null) : base(failure, inner) => Partial = partial;

    /// <summary>What has come of the answer.</summary>
    public ModelAnswer Partial { get; }
}

namespace Codomyrmex.Networking.Resilience.Internal;

/// <summary>Who wants room at a host.</summary>
/// <param name="Host">The host, as errors name it.</param>
/// <param name="Tokens">What the request is expected to cost, beside being one.</param>
/// <param name="Priority">The higher one goes first.</param>
/// <param name="Deadline">When the call must be over.</param>
internal readonly record struct LimitDemand(Endpoint Host, long Tokens, int Priority, Deadline Deadline);

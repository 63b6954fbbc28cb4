namespace Codomyrmex.Networking.Execution.Internal;

/// <summary>What a result says about trying again.</summary>
/// <param name="IsRetriable">Whether another try may give a better one.</param>
/// <param name="After">How long the peer asks to wait, where it does.</param>
internal readonly record struct RetryAdvice(bool IsRetriable, TimeSpan? After);

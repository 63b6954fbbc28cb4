namespace Codomyrmex.Networking;

/// <summary>What an error code means.</summary>
/// <param name="Code">The stable code.</param>
/// <param name="ExceptionType">The exception that carries it.</param>
/// <param name="IsTransient">Whether the same call may well succeed later.</param>
/// <param name="Summary">What happened, in one sentence.</param>
/// <param name="Hint">What to try next.</param>
public sealed record ErrorCodeInfo(string Code, Type ExceptionType, bool IsTransient, string Summary, string Hint);

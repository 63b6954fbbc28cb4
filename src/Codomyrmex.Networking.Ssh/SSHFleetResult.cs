namespace Codomyrmex.Networking.Ssh;

/// <summary>What came of one host of a fleet: a result or an error.</summary>
/// <typeparam name="T">What each host gives.</typeparam>
/// <param name="Host">The host, as it was named.</param>
/// <param name="Value">The result; the default where there is an error.</param>
/// <param name="Error">Why there is none; null where there is one.</param>
/// <param name="Elapsed">How long it took, the wait for a turn left out.</param>
public sealed record SSHFleetResult<T>(string Host, T? Value, NetworkException? Error, TimeSpan Elapsed)
{
    /// <summary>Whether there is a result.</summary>
    public bool IsSuccess => Error is null;
}

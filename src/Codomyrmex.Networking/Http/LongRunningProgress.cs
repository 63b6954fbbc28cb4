namespace Codomyrmex.Networking.Http;

/// <summary>What a service says about an operation that it goes on with.</summary>
/// <param name="Status">Its word for the state; the HTTP status where it has no other.</param>
/// <param name="PercentComplete">How far it is, 0 to 100; null where it does not say.</param>
/// <param name="Polls">How often it has been asked.</param>
/// <param name="Elapsed">The time since the call began.</param>
/// <param name="Monitor">Where it is asked: what <see cref="HTTPClient.WaitForAsync"/> takes to go on after this process has ended.</param>
public sealed record LongRunningProgress(string Status, double? PercentComplete, int Polls, TimeSpan Elapsed, Uri Monitor);

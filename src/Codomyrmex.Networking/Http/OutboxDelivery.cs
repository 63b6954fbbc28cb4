namespace Codomyrmex.Networking.Http;

/// <summary>What became of a request of an <see cref="Outbox"/> when it was sent.</summary>
/// <param name="Entry">The request.</param>
/// <param name="Outcome">What became of it.</param>
public sealed record OutboxDelivery(OutboxEntry Entry, OutboxOutcome Outcome)
{
    /// <summary>The answer, where one came; the caller's to dispose.</summary>
    public Response? Response { get; init; }

    /// <summary>Why none came.</summary>
    public NetworkException? Error { get; init; }
}

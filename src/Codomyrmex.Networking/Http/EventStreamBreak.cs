namespace Codomyrmex.Networking.Http;

/// <summary>What is known when a stream of events has ended or broken, for whoever decides how to go on.</summary>
/// <param name="Request">The request whose stream it was.</param>
/// <param name="LastEventId">The last identifier that an event carried; null where there is none.</param>
/// <param name="Events">How many events have come so far, over all connections.</param>
/// <param name="Cause">How it broke; null where the server ended it in good order.</param>
public sealed record EventStreamBreak(Request Request, string? LastEventId, long Events, NetworkException? Cause);

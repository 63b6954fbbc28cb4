namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>A server-sent event as it was read.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Data">Its data.</param>
/// <param name="Id">The identifier given since the event before.</param>
/// <param name="Retry">The reconnection time named since the event before.</param>
internal readonly record struct ParsedEvent(string Type, string Data, string? Id = null, TimeSpan? Retry = null);

namespace Codomyrmex.Networking.Testing;

/// <summary>What goes wrong in the middle of a <see cref="ChatReply"/>.</summary>
public enum ChatFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The connection breaks off.</summary>
    Cut,

    /// <summary>The stream ends as if it were whole, without its terminal event; an answer that is not streamed ends short of its length.</summary>
    EndEarly,

    /// <summary>An event that tells of an error comes, within the 200, and the stream ends; an answer that is not streamed has status 500 instead.</summary>
    ErrorEvent,

    /// <summary>Nothing more comes, and the connection stays.</summary>
    Stall,

    /// <summary>An event comes whose data is no JSON, and the stream goes on.</summary>
    Malformed,

    /// <summary>Nothing but pings comes any more, one each <see cref="ChatReply.Pause"/> or 10 ms.</summary>
    OnlyPings,

    /// <summary>The rest of the stream comes twice, its terminal event too.</summary>
    Repeat,
}

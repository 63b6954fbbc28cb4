namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>Who writes what has been appended.</summary>
internal enum FlushBy
{
    /// <summary>Somebody is writing already, and will take it along.</summary>
    Nobody,

    /// <summary>Who appended it, at once.</summary>
    Sender,

    /// <summary>The thread pool, while senders append more.</summary>
    Pool,
}

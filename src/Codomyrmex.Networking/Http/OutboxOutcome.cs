namespace Codomyrmex.Networking.Http;

/// <summary>What became of a request of an <see cref="Outbox"/>.</summary>
public enum OutboxOutcome
{
    /// <summary>The server took it (2xx); it has left the box.</summary>
    Delivered,

    /// <summary>The server will not have it, however often it comes (other statuses); it has left the box.</summary>
    Rejected,

    /// <summary>There was no answer, or one that may change (408, 409, 425, 429, 5xx): it stays, and is sent again the next time.</summary>
    Waiting,

    /// <summary>It was older than <see cref="OutboxOptions.MaxAge"/>; it has left the box unsent. An earlier attempt may have reached the server.</summary>
    Expired,
}

namespace Codomyrmex.Networking;

/// <summary>Which of the timeouts fired.</summary>
public enum TimeoutKind
{
    /// <summary>Name resolution took too long.</summary>
    Resolve,

    /// <summary>Opening the connection took too long.</summary>
    Connect,

    /// <summary>The TLS handshake took too long.</summary>
    Tls,

    /// <summary>The answer did not begin in time.</summary>
    FirstByte,

    /// <summary>No byte arrived for too long.</summary>
    Idle,

    /// <summary>The whole operation, with its retries, redirects and body, took too long.</summary>
    Total,
}

namespace Codomyrmex.Networking;

/// <summary>Why a WebSocket was closed (RFC 6455, section 7.4, and the registry). 3000 to 3999 belong to libraries, 4000 to 4999 to applications: cast those.</summary>
public enum WebSocketCloseCode : ushort
{
    /// <summary>1000: the purpose is fulfilled.</summary>
    NormalClosure = 1000,

    /// <summary>1001: a server goes down, or a client leaves.</summary>
    GoingAway = 1001,

    /// <summary>1002: the protocol was broken.</summary>
    ProtocolError = 1002,

    /// <summary>1003: data of a kind that cannot be accepted.</summary>
    UnsupportedData = 1003,

    /// <summary>1005: the peer gave no code. Never sent.</summary>
    NoStatus = 1005,

    /// <summary>1006: the connection ended without a close frame. Never sent.</summary>
    Abnormal = 1006,

    /// <summary>1007: data that does not fit its kind: text that is not UTF-8.</summary>
    InvalidData = 1007,

    /// <summary>1008: a rule of the peer's was broken.</summary>
    PolicyViolation = 1008,

    /// <summary>1009: a message is too big.</summary>
    MessageTooBig = 1009,

    /// <summary>1010: the server did not agree to an extension that the client needs.</summary>
    MandatoryExtension = 1010,

    /// <summary>1011: the server met a condition that it did not expect.</summary>
    InternalError = 1011,

    /// <summary>1012: the service restarts.</summary>
    ServiceRestart = 1012,

    /// <summary>1013: the service is overloaded; try again later.</summary>
    TryAgainLater = 1013,

    /// <summary>1014: a gateway got a bad answer from the server behind it.</summary>
    BadGateway = 1014,

    /// <summary>1015: the TLS handshake failed. Never sent.</summary>
    TlsHandshake = 1015,
}

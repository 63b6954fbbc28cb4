namespace Codomyrmex.Networking;

/// <summary>The step of an operation, in the order in which steps happen. An error names the one it happened in.</summary>
public enum NetworkPhase
{
    /// <summary>Before anything left this process: options, credentials, body preparation.</summary>
    Prepare,

    /// <summary>The egress policy was asked.</summary>
    Policy,

    /// <summary>Waiting for a limiter, a retry delay or a free connection.</summary>
    Wait,

    /// <summary>Name resolution.</summary>
    Resolve,

    /// <summary>Opening the transport connection.</summary>
    Connect,

    /// <summary>Talking to a proxy.</summary>
    Proxy,

    /// <summary>The TLS handshake.</summary>
    Tls,

    /// <summary>A protocol handshake above TLS (WebSocket upgrade, SSH key exchange).</summary>
    Handshake,

    /// <summary>Authentication to the peer.</summary>
    Authenticate,

    /// <summary>Sending the request.</summary>
    Send,

    /// <summary>Waiting for the first byte of the answer.</summary>
    FirstByte,

    /// <summary>Receiving the answer.</summary>
    Receive,

    /// <summary>Closing the connection.</summary>
    Close,
}

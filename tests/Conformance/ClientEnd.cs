namespace Codomyrmex.Networking.Tests.Conformance;

/// <summary>How a client sees the end of a case.</summary>
internal enum ClientEnd
{
    /// <summary>As a clean close: no message follows.</summary>
    Clean,

    /// <summary>As a failure.</summary>
    Failed,

    /// <summary>As a clean close or as a failure: the code leaves both open.</summary>
    Either,

    /// <summary>As a handshake that fails.</summary>
    Refused,
}

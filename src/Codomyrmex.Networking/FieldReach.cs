namespace Codomyrmex.Networking;

/// <summary>How far a request has come from the origin that the caller named, and which of its fields go that far.</summary>
internal enum FieldReach
{
    /// <summary>It is there: every field was meant for it.</summary>
    Origin,

    /// <summary>It goes to the same host over TLS, each at its scheme's own port: whoever got the fields in the clear may have them sealed. Secrets are bound more tightly.</summary>
    SameHostOverTls,

    /// <summary>A server chose the origin. Nobody can list the names of all secrets, so only what is known to be none goes there.</summary>
    Elsewhere,
}

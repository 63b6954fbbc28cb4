namespace Codomyrmex.Networking;

/// <summary>Whether the peer can have seen the request: what decides if repeating it is safe.</summary>
public enum WasSent
{
    /// <summary>No byte of the request left. Repeating it cannot do anything twice.</summary>
    Never,

    /// <summary>Some of the request may have arrived. Repeat only what is idempotent.</summary>
    Maybe,

    /// <summary>The peer answered, so it has seen the request.</summary>
    Yes,
}

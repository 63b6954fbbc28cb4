namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>What a probe is for.</summary>
internal enum FlightKind : byte
{
    /// <summary>To learn the state of a port.</summary>
    Port,

    /// <summary>To see whether a port that has answered still does.</summary>
    Canary,

    /// <summary>To ask about an open port a second time.</summary>
    Doubt,

    /// <summary>To see whether the host is there.</summary>
    SignOfLife,
}

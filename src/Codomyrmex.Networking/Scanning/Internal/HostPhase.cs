namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>How far the scan of a host has come.</summary>
internal enum HostPhase
{
    /// <summary>It is being looked for: no sign of life, no scan.</summary>
    Looking,

    /// <summary>Its ports are being asked.</summary>
    Scanning,

    /// <summary>It fell silent; only signs of life are asked for.</summary>
    Lost,

    /// <summary>Nothing more is asked.</summary>
    Done,
}

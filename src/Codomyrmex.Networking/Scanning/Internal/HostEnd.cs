namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>How the scan of a host ended.</summary>
internal enum HostEnd
{
    /// <summary>It was scanned, and answered nothing.</summary>
    Silent,

    /// <summary>It was scanned, and answered.</summary>
    Answered,

    /// <summary>It showed no sign of life and was not scanned.</summary>
    Down,
}

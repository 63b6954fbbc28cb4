namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>What a fault does.</summary>
internal enum FaultKind
{
    Delay,
    Reset,
    Stall,
    Truncate,
    Corrupt,
    Garbage,
    Certificate,
}

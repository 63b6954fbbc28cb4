namespace Codomyrmex.Networking.Scanning;

/// <summary>How TCP ports are asked.</summary>
public enum ScanMode
{
    /// <summary>
    /// <see cref="Syn"/> where this process may send raw packets and nothing is to be proxied, <see cref="Connect"/> otherwise.
    /// <see cref="ScanSummary.Mode"/> says which it was.
    /// </summary>
    Auto,

    /// <summary>By connecting: needs no privilege.</summary>
    Connect,

    /// <summary>By the first packet of a connection alone, written by hand: needs CAP_NET_RAW, on Linux.</summary>
    Syn,
}

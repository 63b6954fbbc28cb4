namespace Codomyrmex.Networking.Scanning;

/// <summary>What changed between two scans.</summary>
public enum ScanChangeKind
{
    /// <summary>A port is open that was not.</summary>
    Opened,

    /// <summary>A port is not open any more.</summary>
    Closed,

    /// <summary>Another service, product, version or title answers.</summary>
    Service,

    /// <summary>Another certificate is shown.</summary>
    Certificate,

    /// <summary>Another SSH host key is shown.</summary>
    HostKey,
}

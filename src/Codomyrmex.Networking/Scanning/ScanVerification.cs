namespace Codomyrmex.Networking.Scanning;

/// <summary>Which findings are asked about a second time before they are reported.</summary>
public enum ScanVerification
{
    /// <summary>None.</summary>
    None,

    /// <summary>Those that surprise: the open ports of a host that has more of them than hosts have.</summary>
    Surprising,

    /// <summary>Every open port.</summary>
    All,
}

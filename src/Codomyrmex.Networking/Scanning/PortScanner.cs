namespace Codomyrmex.Networking.Scanning;

/// <summary>Finds which ports of a host answer. Safe to share between threads; scans do not know of each other.</summary>
public sealed class PortScanner
{
    /// <summary>Makes a scanner for one host.</summary>
    /// <param name="host">A host name, of which every address is scanned, or an address.</param>
    /// <param name="options">Its settings; null for the defaults.</param>
    public PortScanner(string host, PortScannerOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(host);
        Host = host;
        Options = options ?? PortScannerOptions.Default;
        Options.Validate();
    }

    /// <summary>The host.</summary>
    public string Host { get; }

    /// <summary>The settings.</summary>
    public PortScannerOptions Options { get; }
}

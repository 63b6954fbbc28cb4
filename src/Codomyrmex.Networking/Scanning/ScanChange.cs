namespace Codomyrmex.Networking.Scanning;

/// <summary>A difference between two scans.</summary>
/// <param name="Kind">What changed.</param>
/// <param name="Before">The port as it was; null where it was not open.</param>
/// <param name="After">The port as it is; null where it is not open.</param>
/// <param name="Text">The change in words, escaped.</param>
public sealed record ScanChange(ScanChangeKind Kind, PortResult? Before, PortResult? After, string Text)
{
    /// <summary>The port that it is about.</summary>
    public PortResult Port => After ?? Before!;

    /// <summary><c>192.0.2.7:22/tcp: opened (ssh OpenSSH 9.2p1)</c>.</summary>
    public override string ToString() => $"{Endpoint.Of(new System.Net.IPEndPoint(Port.Address, Port.Port))}/{ScanText.Of(Port.Protocol)}: {Text}";
}

using System.Net;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>Whom the engine tells what it found. Called on the engine's thread.</summary>
internal interface IScanSink
{
    /// <summary>Whether ports that are not open are of interest, too.</summary>
    bool WantsAll { get; }

    void Found(in ScanHost host, int port, Finding finding, TimeSpan? roundTrip);

    void Note(ScanNoteKind kind, string? host, string text);

    /// <summary>A port is closed that nobody wants to hear of.</summary>
    void Closed(in ScanHost host, int port);

    /// <summary>A host is done.</summary>
    void HostDone(HostScan host, HostEnd end);

    /// <summary>A host has more open ports than hosts have: a few of them, for a closer look.</summary>
    void Suspect(string host, IPAddress address, IReadOnlyList<int> ports);
}

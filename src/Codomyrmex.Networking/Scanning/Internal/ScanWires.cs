using Codomyrmex.Networking.Scanning.Protocol;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>The wires that a scan goes over, and why these.</summary>
internal sealed class ScanWires : IDisposable
{
    private ScanWires(IProbeWire probes, IEchoWire? echo, ScanMode mode, string reason, int wanted)
    {
        Probes = probes;
        Echo = echo;
        Mode = (mode, reason);
        ShortOf = probes.Slots < wanted ? wanted : null;
    }

    public IProbeWire Probes { get; }

    public IEchoWire? Echo { get; }

    public (ScanMode Mode, string Reason) Mode { get; }

    /// <summary>How many probes at a time were wanted, where there is no room for as many.</summary>
    public int? ShortOf { get; }

    public static ScanWires Open(PortProtocol protocol, PortScannerOptions options, int inFlight, TimeProvider clock)
    {
        IProbeWire probes;
        int wanted;
        if (protocol == PortProtocol.Udp)
            probes = ProbeWires.OpenDatagrams(options.Transport, inFlight, static port => UdpProbes.For(port)?.Question ?? [], out wanted);
        else
            probes = ProbeWires.OpenConnect(options.Transport, inFlight, clock, out wanted);
        if (ProbeWires.IsIndirect(options.Transport))
            return new ScanWires(probes, null, ScanMode.Connect, "the scan goes through a proxy or over another stream", wanted);
        return new ScanWires(probes, LinuxEchoWire.TryOpen(), ScanMode.Connect, "asked for", wanted);
    }

    public void Dispose()
    {
        Echo?.Dispose();
        Probes.Dispose();
    }
}

using Codomyrmex.Networking.Scanning.Protocol;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>The wires that a scan goes over, and why these.</summary>
internal sealed class ScanWires : IDisposable
{
    // A probe under way costs a few bytes; what bounds it is the room for answers that come all at once.
    private const int MostSyns = 32_768;

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
        var transport = options.Transport;
        if (protocol == PortProtocol.Udp)
        {
            var datagrams = ProbeWires.OpenDatagrams(transport, inFlight, static port => UdpProbes.For(port)?.Question ?? [], out var most);
            return new ScanWires(datagrams, LinuxEchoWire.TryOpen(), ScanMode.Connect, "there was no TCP port to ask", most);
        }
        var isIndirect = ProbeWires.IsIndirect(transport);
        var reason = isIndirect ? "the scan goes through a proxy or over another stream" : transport.BindAddress is not null ? "a local address is given" : null;
        if (options.Mode != ScanMode.Connect && reason is null)
        {
            if (LinuxSynWire.TryOpen(Math.Min(inFlight, MostSyns)) is { } syn)
                return new ScanWires(syn, LinuxEchoWire.TryOpen(), ScanMode.Syn, options.Mode == ScanMode.Syn ? "asked for" : "this process may send raw packets", 0);
            reason = "this process may not send raw packets (CAP_NET_RAW)";
        }
        if (options.Mode == ScanMode.Syn)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.LocalAddress,
                Message = $"SYN scans are not possible: {reason}.",
                Hint = "Scan by connecting (ScanMode.Connect, --mode connect), or give the process the right (CAP_NET_RAW).",
                Phase = NetworkPhase.Prepare,
            }.ToException();
        }
        var probes = ProbeWires.OpenConnect(transport, inFlight, clock, out var wanted);
        return new ScanWires(probes, isIndirect ? null : LinuxEchoWire.TryOpen(), ScanMode.Connect, options.Mode == ScanMode.Connect ? "asked for" : reason!, wanted);
    }

    public void Dispose()
    {
        Echo?.Dispose();
        Probes.Dispose();
    }
}

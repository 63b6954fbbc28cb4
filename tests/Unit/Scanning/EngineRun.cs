using System.Net;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Scanning.Internal;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

/// <summary>The engine over a simulated network: a scan in fake time, and all that it said.</summary>
internal sealed class EngineRun : IScanSink
{
    public FakeTimeProvider Clock { get; } = new();

    public SimulatedNetwork Network { get; }

    public ScanCounts Counts { get; } = new();

    public List<(IPAddress Address, int Port, Finding Finding)> Found { get; } = [];

    public List<ScanNote> Notes { get; } = [];

    public LossEstimate Loss { get; private set; }

    public bool WantsAll => true;

    public EngineRun(int slots = 1024)
    {
        // A clock that stands still where nothing waits would never let a paced scan go on.
        Network = new SimulatedNetwork(slots, Clock);
    }

    public TimeSpan Elapsed { get; private set; }

    public bool SendsEchoes { get; init; }

    public EngineRun Scan(string targets, string ports, PortScannerOptions? options = null, ulong seed = 1, Func<IPAddress, PortProtocol, int, bool>? known = null)
    {
        options = (options ?? new PortScannerOptions { ProbesPerSecond = PortScannerOptions.Unlimited }) with { Clock = Clock };
        var plan = new ScanPlan { Targets = targets, Ports = PortSet.Parse(ports), Seed = seed, IsKnown = known };
        var protocol = plan.Ports.Udp.Count > 0 ? PortProtocol.Udp : PortProtocol.Tcp;
        var order = new PortOrder(protocol, protocol == PortProtocol.Udp ? plan.Ports.Udp : plan.Ports.Tcp, seed);
        var settings = new EngineSettings(options, options.Discovery == HostDiscovery.Always);
        var feed = new HostFeed(plan, options, plan.Targets, new Dictionary<IPAddress, string>(), order, plan.Ports, settings, seed, Counts, this);
        var engine = new ScanEngine(settings, order, Network, SendsEchoes ? Network : null, feed, Counts, this);
        var start = Clock.GetUtcNow();
        engine.Run(TestContext.Current.CancellationToken);
        Loss = engine.Loss;
        Elapsed = Clock.GetUtcNow() - start;
        return this;
    }

    public int[] Ports(PortState state) => [.. Found.Where(found => found.Finding.State == state).Select(found => found.Port).Order()];

    void IScanSink.Found(in ScanHost host, int port, Finding finding, TimeSpan? roundTrip) => Found.Add((host.Address, port, finding));

    void IScanSink.Note(ScanNoteKind kind, string? host, string text) => Notes.Add(new ScanNote(kind, host, text));

    void IScanSink.Closed(in ScanHost host, int port) => Found.Add((host.Address, port, new Finding(PortState.Closed, PortReason.Reset)));

    void IScanSink.HostDone(HostScan host, HostEnd end)
    {
    }

    void IScanSink.Suspect(string host, IPAddress address, IReadOnlyList<int> ports)
    {
    }
}

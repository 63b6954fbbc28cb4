using System.Net;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Scanning.Internal;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

/// <summary>What a probe costs in memory: nothing.</summary>
public sealed class ScanAllocationTests
{
    private const int Ports = 20_000;

    [Fact]
    public void Probe_allocates_nothing()
    {
        Scan("127.0.0.1");
        // What a plan costs once, and each host: a bit a port.
        var (one, four) = (Scan("127.0.0.1"), Scan("127.0.0.1-4"));
        Assert.InRange((four - one) / (3.0 * Ports), 0, 0.2);
    }

    private static long Scan(string targets)
    {
        var ports = PortSet.Of([.. Enumerable.Range(1, Ports)]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(targets, ports, new Sink());
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Run(string targets, PortSet ports, Sink sink)
    {
        var options = new PortScannerOptions { InFlight = 64 };
        var plan = new ScanPlan { Targets = targets, Ports = ports, Seed = 1 };
        var order = new PortOrder(PortProtocol.Tcp, ports.Tcp, 1);
        var settings = new EngineSettings(options, looksForHosts: false);
        using var wire = new LinuxConnectWire(64, null);
        var counts = new ScanCounts();
        var feed = new HostFeed(plan, options, plan.Targets, new Dictionary<IPAddress, string>(), order, ports, settings, 1, counts, sink);
        new ScanEngine(settings, order, wire, null, feed, counts, sink).Run(TestContext.Current.CancellationToken);
        Assert.Equal(plan.Targets.AddressCount * ports.Count, counts.PortsDone);
    }

    private sealed class Sink : IScanSink
    {
        public bool WantsAll => false;

        public void Found(in ScanHost host, int port, Finding finding, TimeSpan? roundTrip)
        {
        }

        public void Note(ScanNoteKind kind, string? host, string text)
        {
        }

        public void Closed(in ScanHost host, int port)
        {
        }

        public void HostDone(HostScan host, HostEnd end)
        {
        }

        public void Suspect(string host, IPAddress address, IReadOnlyList<int> ports)
        {
        }
    }
}

using System.Net;
using System.Security.Cryptography;
using System.Threading.Channels;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>One scan from its plan to its summary: names → scope and policy → TCP ports, UDP ports → what listens there.</summary>
internal sealed class ScanExecution(ScanPlan plan, PortScannerOptions options)
{
    // Who reads slowly holds the scan up rather than fill the memory.
    private const int ResultsWaiting = 4096;

    private readonly Channel<PortResult> _results = Channel.CreateBounded<PortResult>(new BoundedChannelOptions(ResultsWaiting) { SingleReader = true });
    private readonly ScanCounts _counts = new();
    private readonly long _startedAt = options.Clock.GetTimestamp();
    private readonly ScanNotes _notes = new();

    private ScanTargets? _targets;
    private readonly Progress _progress = new(options.Clock);
    private LossEstimate _loss;
    private (ScanMode Mode, string Reason) _mode = (ScanMode.Connect, "nothing was asked");

    public ScanPlan Plan => plan;

    public DateTimeOffset StartedAt { get; } = options.Clock.GetUtcNow();

    public ChannelReader<PortResult> Results => _results.Reader;

    public ScanSummary? Summary { get; private set; }

    private long Hosts => _targets?.AddressCount ?? plan.Targets.AddressCount + plan.Targets.Names.Count;

    private long Ports => (long)(plan.Shard.LengthOf((ulong)Hosts * (ulong)plan.Ports.Tcp.Count) + plan.Shard.LengthOf((ulong)Hosts * (ulong)plan.Ports.Udp.Count));

    public ScanStatistics Statistics() => _progress.Of(_counts, Hosts, Ports);

    /// <summary>Scans, and fills <see cref="Results"/>.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var isComplete = false;
        try
        {
            var names = await ResolveAsync(cancellationToken).ConfigureAwait(false);
            ScopeGate.Demand(plan, _targets!, options.Clock);
            var seed = plan.Seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
            using var journal = plan.JournalPath is null ? null : ScanJournal.Open(plan, () => (_targets!, names, seed), options.Clock);
            if (journal is { IsResumed: true })
            {
                (_targets, names, seed) = (journal.Targets, journal.Names, journal.Seed);
                ScopeGate.Demand(plan, _targets!, options.Clock);
                _notes.Add(ScanNoteKind.Resumed, null, $"The scan went on where an earlier one had stopped, by {Printable.Text(plan.JournalPath)}.");
            }
            var sink = new ResultSink(_results.Writer, options, _notes, cancellationToken);
            await using var _ = sink.ConfigureAwait(false);
            // The loop waits in the system's calls: it gets a thread of its own.
            await Task.Factory.StartNew(() => Scan(names, seed, sink, journal, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
            await sink.CompleteAsync().ConfigureAwait(false);
            isComplete = true;
        }
        finally
        {
            Summary = Summarise(isComplete);
            _results.Writer.TryComplete();
        }
    }

    private async Task<Dictionary<IPAddress, string>> ResolveAsync(CancellationToken cancellationToken)
    {
        var resolver = new CachingResolver(options.Transport.Resolver, options.Clock);
        var addresses = new Dictionary<string, IReadOnlyList<IPAddress>>(StringComparer.Ordinal);
        NetworkException? failure = null;
        foreach (var name in plan.Targets.Names.Concat(plan.Targets.ExcludedNames))
        {
            // Asked for and left out: a name that the policy denies is not even looked up.
            if (options.Transport.Policy.CheckTarget(null, name, 0) is { IsAllowed: false, Rule: var rule } && !plan.Targets.ExcludedNames.Contains(name))
            {
                failure ??= ScopeGate.Refused(name, rule ?? "not allowed");
                _notes.Add(ScanNoteKind.Skipped, name, $"Left out: {rule ?? "not allowed"}.");
                addresses[name] = [];
                continue;
            }
            try
            {
                addresses[name] = await resolver.ResolveAsync(name, 0, cancellationToken).ConfigureAwait(false);
            }
            catch (DNSResolutionException error)
            {
                failure ??= error;
                _notes.Add(ScanNoteKind.Skipped, name, error.Message);
                addresses[name] = [];
            }
        }
        _targets = plan.Targets.Resolved(name => addresses[name]);
        if (_targets.AddressCount == 0 && failure is not null)
            throw failure;
        var names = new Dictionary<IPAddress, string>();
        foreach (var name in plan.Targets.Names)
        {
            foreach (var address in addresses[name])
                names.TryAdd(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, name);
        }
        return names;
    }

    private void Scan(Dictionary<IPAddress, string> names, ulong seed, ResultSink sink, ScanJournal? journal, CancellationToken cancellationToken)
    {
        sink.Journal = journal;
        var looks = options.Discovery == HostDiscovery.Always || (options.Discovery == HostDiscovery.Auto && _targets!.AddressCount > 1);
        var settings = new EngineSettings(options, looks && !ProbeWires.IsIndirect(options.Transport));
        foreach (var protocol in (PortProtocol[])[PortProtocol.Tcp, PortProtocol.Udp])
        {
            var ports = protocol == PortProtocol.Tcp ? plan.Ports.Tcp : plan.Ports.Udp;
            if (ports.Count == 0)
                continue;
            if (protocol == PortProtocol.Udp && ProbeWires.IsIndirect(options.Transport))
            {
                _notes.Add(ScanNoteKind.Unsupported, null, "UDP ports were not asked: they cannot be reached through a proxy or another stream.");
                _counts.AddSkipped(Hosts * ports.Count);
                continue;
            }
            var order = new PortOrder(protocol, ports, seed);
            sink.Protocol = protocol;
            var feed = new HostFeed(plan, options, _targets!, names, order, PortSetOf(protocol), settings, seed, _counts, sink)
            {
                Known = journal is { IsResumed: true } ? journal[protocol] : null,
            };
            if (feed.Known is { } known)
                Recall(known, feed, protocol, sink);
            using var wires = OpenWires(protocol, order.Count, settings);
            var engine = new ScanEngine(settings, order, wires.Probes, wires.Echo, feed, _counts, sink);
            engine.Run(cancellationToken);
            _loss = engine.Loss;
            if (feed is { Allowed: 0, Denial: { } denial } && _counts.Sent == 0)
                throw ScopeGate.Refused(denial.Endpoint.Host, denial.Rule);
        }
    }

    /// <summary>Reports and counts what an earlier scan has found.</summary>
    private void Recall(JournalRecord known, HostFeed feed, PortProtocol protocol, ResultSink sink)
    {
        foreach (var (host, port, finding, micros) in known.Found)
            sink.Report(feed.HostAt(host), port, finding, micros < 0 ? null : TimeSpan.FromMicroseconds(micros));
        foreach (var (end, open, closed, filtered, silent) in known.Done)
        {
            Count(open, closed, filtered);
            if (end == HostEnd.Down)
                _counts.AddHostDown(silent);
            else
                _counts.Add(Finding.OfSilence(protocol).State, silent);
            _counts.AddHost(end == HostEnd.Answered);
        }
        foreach (var host in known.HostsInProgress)
        {
            var (open, closed, filtered) = known.InProgress(host);
            Count(open, closed, filtered);
        }

        void Count(int open, int closed, int filtered)
        {
            _counts.Add(PortState.Open, open);
            _counts.Add(PortState.Closed, closed);
            _counts.Add(PortState.Filtered, filtered);
        }
    }

    private PortSet PortSetOf(PortProtocol protocol) => protocol == PortProtocol.Tcp ? new PortSet(plan.Ports.Tcp, PortList.Empty) : new PortSet(PortList.Empty, plan.Ports.Udp);

    private ScanWires OpenWires(PortProtocol protocol, int ports, EngineSettings settings)
    {
        var wires = ScanWires.Open(protocol, options, (int)Math.Min(settings.InFlight, Math.Max(1, Hosts * ports)), options.Clock);
        if (protocol == PortProtocol.Tcp)
            _mode = wires.Mode;
        if (wires.ShortOf is { } wanted)
            _notes.Add(ScanNoteKind.Descriptors, null, $"At most {wires.Probes.Slots} probes are under way at a time, not {wanted}: the limit of open files of this process.");
        return wires;
    }

    private ScanSummary Summarise(bool isComplete)
    {
        var tries = _counts.Silent == 0 ? 0 : (int)(_counts.SilentTries / _counts.Silent);
        return new ScanSummary
        {
            Hosts = Hosts,
            HostsUp = _counts.HostsUp,
            HostsDown = _counts.HostsDown,
            Ports = Ports,
            Open = _counts.Open,
            Closed = _counts.Closed,
            Filtered = _counts.Filtered,
            OpenOrFiltered = _counts.OpenOrFiltered,
            Skipped = _counts.Skipped,
            ProbesSent = _counts.Sent,
            Repeats = _counts.Repeats,
            Elapsed = options.Clock.GetElapsedTime(_startedAt),
            Recall = _counts.Recall,
            Canaries = _counts.Canaries,
            // Where every port has said what it is, there is nothing to be unsure of.
            Confidence = tries == 0 ? 1 : _loss.Found(tries),
            Mode = _mode.Mode,
            ModeReason = _mode.Reason,
            IsComplete = isComplete,
            Notes = _notes.ToArray(),
        };
    }
}

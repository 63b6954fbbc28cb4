using System.Diagnostics;
using System.Net;
using System.Threading.Channels;
using Codomyrmex.Networking.Diagnostics.Internal;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport.Internal;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>One scan from its plan to its summary: names → scope and policy → TCP ports, UDP ports → what listens there.</summary>
internal sealed class ScanExecution(ScanPlan plan, PortScannerOptions options) : IDescriber<ScanSummary>
{
    // Who reads slowly holds the scan up rather than fill the memory.
    private const int ResultsWaiting = 4096;

    // What telemetry and messages call targets of which there may be thousands.
    private const int LongestName = 80;

    private readonly Channel<PortResult> _results = Channel.CreateBounded<PortResult>(new BoundedChannelOptions(ResultsWaiting) { SingleReader = true });
    private readonly ScanCounts _counts = new();
    private readonly long _startedAt = options.Clock.GetTimestamp();
    private readonly ScanNotes _notes = new(options.Logger);

    private ScanTargets? _targets;
    private readonly Progress _progress = new(options.Clock);
    private LossEstimate _loss;
    private (ScanMode Mode, string Reason) _mode = (ScanMode.Connect, "nothing was asked");

    public ScanPlan Plan => plan;

    public DateTimeOffset StartedAt { get; } = options.Clock.GetUtcNow();

    public ChannelReader<PortResult> Results => _results.Reader;

    public ScanSummary? Summary { get; private set; }

    string IDescriber<ScanSummary>.Name => "port scan";

    Endpoint IDescriber<ScanSummary>.Endpoint => new(Printable.Text(plan.Targets.ToString(), LongestName), 0);

    TimeProvider IDescriber<ScanSummary>.Clock => options.Clock;

    ILogger? IDescriber<ScanSummary>.Logger => options.Logger;

    long IDescriber<ScanSummary>.StartedAt => _startedAt;

    private long Hosts => _targets?.AddressCount ?? plan.Targets.AddressCount + plan.Targets.Names.Count;

    private long Ports => (long)(plan.Shard.LengthOf((ulong)Hosts * (ulong)plan.Ports.Tcp.Count) + plan.Shard.LengthOf((ulong)Hosts * (ulong)plan.Ports.Udp.Count));

    public ScanStatistics Statistics() => _progress.Of(_counts, Hosts, Ports);

    void IDescriber<ScanSummary>.Describe(ScanSummary? result, ref TagList tags)
    {
        if (result is not null)
            tags.Add("scan.mode", result.Mode == ScanMode.Syn ? "syn" : "connect");
    }

    /// <summary>Scans, and fills <see cref="Results"/>.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var scope = OperationScope<ScanSummary>.Start(this);
        try
        {
            await ScanAsync(cancellationToken).ConfigureAwait(false);
            Tell(scope, Summary!);
            scope.Succeed(Summary!);
        }
        catch (NetworkException failure)
        {
            failure.Complete(failure.Failure with { Elapsed = options.Clock.GetElapsedTime(_startedAt) });
            scope.Fail(failure);
            throw;
        }
        catch
        {
            scope.Cancel();
            throw;
        }
        finally
        {
            _results.Writer.TryComplete();
        }
    }

    // On the span alone: the numbers of one scan would be a metric's series each.
    private static void Tell(in OperationScope<ScanSummary> scope, ScanSummary summary)
    {
        scope.Tag("scan.hosts", summary.Hosts);
        scope.Tag("scan.hosts_up", summary.HostsUp);
        scope.Tag("scan.ports", summary.Ports);
        scope.Tag("scan.open", summary.Open);
        scope.Tag("scan.closed", summary.Closed);
        scope.Tag("scan.filtered", summary.Filtered);
        scope.Tag("scan.probes", summary.ProbesSent);
        scope.Tag("scan.recall", summary.Recall);
        scope.Tag("scan.confidence", summary.Confidence);
    }

    private async Task ScanAsync(CancellationToken cancellationToken)
    {
        var isComplete = false;
        try
        {
            using var window = ScopeGate.Window(plan.Scope, options.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, window.Token);
            try
            {
                await ScanAsync(await ResolveAsync(either.Token).ConfigureAwait(false), either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (window.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw ScopeGate.Refused(plan.Targets.ToString(), plan.Scope!.CheckTime(plan.Scope.Until!.Value).Rule!, ScopeGate.NotNow);
            }
            isComplete = true;
        }
        finally
        {
            Summary = Summarise(isComplete);
        }
    }

    private async Task ScanAsync(Dictionary<IPAddress, string> names, CancellationToken cancellationToken)
    {
        var seed = plan.Seed ?? SystemRandom.NextUInt64();
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
    }

    /// <summary>The addresses of a plan that may be scanned, and which of them have a name: what a scan does before it sends anything.</summary>
    /// <exception cref="NetworkException">Nobody has given leave, or there is no address.</exception>
    public async Task<(ScanTargets Targets, IReadOnlyDictionary<IPAddress, string> Names)> PrepareAsync(CancellationToken cancellationToken)
    {
        var names = await ResolveAsync(cancellationToken).ConfigureAwait(false);
        return (_targets!, names);
    }

    private async Task<Dictionary<IPAddress, string>> ResolveAsync(CancellationToken cancellationToken)
    {
        // What nobody has given leave for is not even looked up.
        ScopeGate.Demand(plan, plan.Targets, options.Clock);
        var resolver = new CachingResolver(options.Transport.Resolver, options.Clock);
        var addresses = new Dictionary<string, IReadOnlyList<IPAddress>>(StringComparer.Ordinal);
        NetworkException? failure = null;
        foreach (var name in plan.Targets.Names.Concat(plan.Targets.ExcludedNames))
        {
            // Asked for and left out: a name that the policy denies is not even looked up.
            if (Check(name) is { IsAllowed: false, Rule: var rule } && !plan.Targets.ExcludedNames.Contains(name))
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
                // Who is to be left out is not known, and whoever it is must not be scanned.
                if (plan.Targets.ExcludedNames.Contains(name) && !plan.AllowUnresolvedExclusions)
                    throw UnknownExclusion(name, error);
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
        ScopeGate.Demand(plan, _targets, options.Clock);
        return names;
    }

    private PolicyDecision Check(string name) => options.Transport.Policy.CheckTarget(null, name, 0) is { IsAllowed: false } denied ? denied
        : options.OperatorPolicy?.CheckTarget(null, name, 0) ?? PolicyDecision.Allowed;

    private static NetworkException UnknownExclusion(string name, DNSResolutionException error) => (error.Failure with
    {
        Message = $"'{Printable.Text(name)}' is to be left out, and its addresses cannot be found, so nothing was scanned: {error.Message}",
        Hint = "Exclude its addresses, or allow exclusions without one (ScanPlan.AllowUnresolvedExclusions, --allow-unresolved-exclusions).",
    }).ToException(error);

    private void Scan(Dictionary<IPAddress, string> names, ulong seed, ResultSink sink, ScanJournal? journal, CancellationToken cancellationToken)
    {
        sink.Journal = journal;
        var looks = options.Discovery == HostDiscovery.Always || (options.Discovery == HostDiscovery.Auto && _targets!.AddressCount > 1);
        var settings = new EngineSettings(options, looks && !ProbeWires.IsIndirect(options.Transport));
        var asksTwice = plan.Ports.Tcp.Count > 0 && plan.Ports.Udp.Count > 0 && !ProbeWires.IsIndirect(options.Transport);
        if (asksTwice)
            _counts.ExpectTwice(Hosts);
        foreach (var protocol in (PortProtocol[])[PortProtocol.Tcp, PortProtocol.Udp])
        {
            if (asksTwice && protocol == PortProtocol.Udp)
                _counts.BeginLastRound();
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
                Known = journal?[protocol],
            };
            if (feed.Known is { } known)
                Recall(known, feed, protocol, sink);
            using var wires = OpenWires(protocol, order.Count, settings);
            var engine = new ScanEngine(settings, order, wires.Probes, wires.Echo, feed, _counts, sink);
            engine.Run(cancellationToken);
            _loss = engine.Loss;
            if (feed is { Allowed: 0, Denial: { } denial } && _counts.Sent == 0)
                throw ScopeGate.Refused(denial.Endpoint.Host, denial.Rule, plan.Scope is null ? null : "Where it may be scanned, the scope has to name it and the policy to allow it.");
        }
    }

    /// <summary>Reports and counts what an earlier scan has found.</summary>
    private void Recall(JournalRecord known, HostFeed feed, PortProtocol protocol, ResultSink sink)
    {
        foreach (var (host, port, finding, micros) in known.Found)
            sink.Report(feed.HostAt(host), port, finding, micros < 0 ? null : TimeSpan.FromMicroseconds(micros));
        foreach (var (host, end, open, closed, filtered, silent) in known.Done)
        {
            Count(open, closed, filtered);
            if (end == HostEnd.Down)
                _counts.AddSkipped(silent);
            else
                _counts.Add(Finding.OfSilence(protocol).State, silent);
            _counts.AddHost(host, end);
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

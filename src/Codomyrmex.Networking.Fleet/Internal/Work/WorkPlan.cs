using System.Net;
using Codomyrmex.Networking.Fleet.Internal.Campaigns;
using Codomyrmex.Networking.Fleet.Internal.Planning;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Scanning.Internal;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Fleet.Internal.Work;

/// <summary>A plan as a machine needs it: what a shard of it asks, and how.</summary>
internal sealed class WorkPlan(PlanDocument document, FleetSite site, LeasedPace pace, TimeProvider clock)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(1);

    private readonly PlanText _text = document.Text!;
    private readonly ScanTargets _targets = ScanTargets.Parse(document.Targets);
    private readonly Scanning.PortSet _ports = Scanning.PortSet.Parse(document.Text!.Ports);
    private readonly ScanScope? _scope = document.Text!.Scope is { } scope ? ScanScope.Parse(scope) : null;
    private readonly Dictionary<IPAddress, string> _names = document.Names.ToDictionary(static pair => IPAddress.Parse(pair.Key), static pair => pair.Value);
    private readonly Lazy<PartMap>[] _parts = [.. document.Parts.Select(static part => new Lazy<PartMap>(() => new PartMap(part)))];

    /// <summary>The cells of a shard, and what the plan in force asks of it. Thread-safe.</summary>
    public ShardScan Open(ShardKey key)
    {
        var part = _parts[key.Part].Value;
        var hosts = part.HostsOf(key.Shard);
        // A plan that was replaced by one that asks less: what is no longer in it is left alone.
        var inForce = hosts.Where(_targets.Contains).ToList();
        var beyond = part.Ports.Without(_ports);
        return new ShardScan(new ShardCells(hosts, part.Ports), inForce, part.Ports.Without(beyond), inForce.Count == hosts.Count && beyond.Count == 0);
    }

    /// <summary>Whether it is certain that the plan's scope is in force: within a second of its ends, clocks and timers may see it otherwise.</summary>
    public bool IsInTime() => _scope is null || (clock.GetUtcNow() is var now && _scope.CheckTime(now - Doubt).IsAllowed && _scope.CheckTime(now + Doubt).IsAllowed);

    /// <summary>What is left of a shard, for the scanner; null where nothing is.</summary>
    public (ScanPlan Plan, PortScannerOptions Options)? Scan(ShardScan shard, ShardCheckpoint checkpoint)
    {
        var (cells, inForce, ports, _) = shard;
        if (inForce.Count == 0 || ports.Count == 0)
            return null;
        var named = inForce.Where(_names.ContainsKey).GroupBy(host => _names[host]).ToDictionary(static name => name.Key, static name => (IReadOnlyList<IPAddress>)[.. name]);
        var plan = new ScanPlan
        {
            Targets = ScanTargets.Parse([.. inForce.Where(host => !_names.ContainsKey(host)).Select(static host => host.ToString()), .. named.Keys]),
            Ports = ports,
            Scope = _scope,
            Seed = _text.Seed,
            IsKnown = (address, protocol, port) => cells.Of(address, protocol, port) is var cell && (cell < 0 || checkpoint.IsDone(cell)),
        };
        // The names have the addresses that they had when the campaign began, on every machine.
        var transport = site.Transport with { Policy = EgressPolicy.Parse(_text.Policy), Resolver = ResolverOptions.Default with { Hosts = named } };
        var options = new PortScannerOptions
        {
            Transport = transport,
            Identify = _text.AskServices || _text.AskTls ? Interview(transport) : null,
            OperatorPolicy = site.Policy,
            Mode = (ScanMode)_text.Mode,
            Discovery = (HostDiscovery)_text.Discovery,
            Retries = _text.Retries,
            ProbesPerSecond = PortScannerOptions.Unlimited,
            ProbesPerSecondPerHost = _text.PerHost,
            ProbesPerSecondPerNetwork = _text.PerNetwork,
            Pace = pace,
            ReportAll = true,
            Clock = clock,
        };
        return (plan, options);
    }

    /// <summary>Asks what listens on a port. It waits for its turn as a probe does, so a campaign that is paused asks nobody.</summary>
    private Func<PortResult, CancellationToken, ValueTask<ServiceInfo?>> Interview(TransportOptions transport)
    {
        var identifier = new ServiceIdentifier(new ServiceIdentifierOptions { Transport = transport, AskServices = _text.AskServices, AskTls = _text.AskTls, Clock = clock });
        return async (port, cancellationToken) =>
        {
            while (!pace.TryTake())
                await Task.Delay(BetweenLooks, clock, cancellationToken);
            return await identifier.IdentifyAsync(port, cancellationToken);
        };
    }
}

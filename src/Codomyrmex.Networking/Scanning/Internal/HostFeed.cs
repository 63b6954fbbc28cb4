using System.Net;
using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>
/// The hosts of a plan in the order that its seed gives, one after the other: what scope and egress policy deny is left out here, before anything is sent. Used by
/// one thread.
/// </summary>
internal sealed class HostFeed : IHostFeed
{
    // What many hosts have open, of those with and those without a firewall.
    private static readonly int[] CallPorts = [443, 80, 22, 3389];

    private readonly ScanPlan _plan;
    private readonly PortScannerOptions _options;
    private readonly ScanTargets _targets;
    private readonly IReadOnlyDictionary<IPAddress, string> _names;
    private readonly PortOrder _order;
    private readonly PortSet _ports;
    private readonly EngineSettings _settings;
    private readonly RatePlan _rates;
    private readonly ScanCounts _counts;
    private readonly IScanSink _sink;
    private readonly ulong _seed;
    private readonly Permutation _hosts;
    private readonly EgressPolicy[] _policies;
    private readonly bool _rulesNamePorts;
    private readonly Dictionary<(bool, UInt128), NetworkLoad>? _networks;
    private ulong _place;

    public HostFeed(ScanPlan plan, PortScannerOptions options, ScanTargets targets, IReadOnlyDictionary<IPAddress, string> names, PortOrder order, PortSet ports,
        EngineSettings settings, ulong seed, ScanCounts counts, IScanSink sink)
    {
        _plan = plan;
        _options = options;
        _targets = targets;
        _names = names;
        _order = order;
        _ports = ports;
        _settings = settings;
        _rates = new RatePlan(options, settings.Frequency);
        _counts = counts;
        _sink = sink;
        _seed = seed;
        _hosts = new Permutation((ulong)targets.AddressCount, seed);
        _policies = options.OperatorPolicy is { } operators ? [options.Transport.Policy, operators] : [options.Transport.Policy];
        _rulesNamePorts = _policies.Any(static policy => policy.AllowRules.Concat(policy.DenyRules).Any(static rule => rule.Ports is not null));
        _networks = options.InFlightPerNetwork is null && options.ProbesPerSecondPerNetwork is null ? null : [];
    }

    /// <summary>What an earlier scan has found out already; null where there was none.</summary>
    public JournalRecord? Known { get; init; }

    /// <summary>Hosts of which something may be asked.</summary>
    public long Allowed { get; private set; }

    /// <summary>Why the last host was left out.</summary>
    public (Endpoint Endpoint, string Rule)? Denial { get; private set; }

    /// <summary>A host by its number.</summary>
    public ScanHost HostAt(long number)
    {
        var address = _targets.AddressAt((long)_hosts[(ulong)number]);
        return new ScanHost(number, _names.GetValueOrDefault(address) ?? address.ToString(), address);
    }

    public HostScan? Next()
    {
        while (_place < _hosts.Count)
        {
            var place = _place++;
            var (_, name, address) = HostAt((long)place);
            if (_plan.Scope is { } scope && Denied(scope.CheckTime(_options.Clock.GetUtcNow())) is { } ended)
            {
                Skip(name, ended, _order.Count);
                continue;
            }
            if (_plan.Scope?.CheckAddress(name, address, _ports) is { IsAllowed: false } outside)
            {
                Skip(name, outside.Rule, _order.Count);
                continue;
            }
            var host = Make(new ScanHost((long)place, name, address));
            var ofShard = KeepShard(host, (long)place);
            if (_plan.IsKnown is not null && ofShard > 0)
            {
                ofShard = KeepUnknown(host);
                if (ofShard == 0)
                {
                    Allowed++;
                    continue;
                }
            }
            var denied = KeepAllowed(host, out var rule);
            if (denied > 0)
                Skip(name, rule, denied);
            if (Known is not null && !IsUnfinished(host, Known))
            {
                Allowed++;
                continue;
            }
            if (host.Remaining > 0 || (ofShard > 0 && denied < ofShard))
            {
                Allowed++;
                return host;
            }
        }
        return null;
    }

    /// <summary>Whether something is left to ask of a host; what is known of it already is not.</summary>
    private bool IsUnfinished(HostScan host, JournalRecord known)
    {
        if (known.IsDone(host.Host.Index))
            return false;
        foreach (var port in known.Settled(host.Host.Index))
        {
            if (_order.PlaceOf(port) is var place and >= 0)
                host.Finish(place);
        }
        (host.Open, host.Closed, host.Filtered) = known.InProgress(host.Host.Index);
        return true;
    }

    private HostScan Make(ScanHost host)
    {
        NetworkLoad? network = null;
        if (_networks is not null)
        {
            var key = NetworkLoad.KeyOf(IPBits.From(host.Address));
            if (!_networks.TryGetValue(key, out network))
                _networks[key] = network = new NetworkLoad { Pacer = _options.ProbesPerSecondPerNetwork is { } perNetwork ? new Pacer(perNetwork, _settings.Frequency) : null };
        }
        return new HostScan(host, _order.Count, _settings.LooksForHosts ? _order.StartOf(host.Index, _seed) : 0, _settings.Trips, _rates.For(host.Address))
        {
            OwnPacer = _options.ProbesPerSecondPerHost is { } perHost ? new Pacer(perHost, _settings.Frequency) : null,
            Network = network,
            CallPorts = !_settings.LooksForHosts ? [] : [.. CallPorts.Where(port => Check(host, port).IsAllowed && (_plan.Scope is null || IsInScope(host, port)))],
            WantsEcho = _settings.LooksForHosts && _policies.All(policy => policy.CheckAddress(null, host.Host, host.Address, 0).IsAllowed),
        };
    }

    private bool IsInScope(ScanHost host, int port) => _plan.Scope!.CheckAddress(host.Host, host.Address, PortSet.Of(port)).IsAllowed;

    /// <summary>Leaves out what other shards ask; how many ports are left.</summary>
    private int KeepShard(HostScan host, long place)
    {
        if (_plan.Shard.IsWhole)
            return host.Remaining;
        for (var index = 0; index < _order.Count; index++)
        {
            if ((place * _order.Count + index) % _plan.Shard.Count != _plan.Shard.Index - 1)
                host.Finish(index);
        }
        return host.Remaining;
    }

    /// <summary>Leaves out what somebody knows already; how many ports are left.</summary>
    private int KeepUnknown(HostScan host)
    {
        var before = host.Remaining;
        for (var index = 0; index < _order.Count; index++)
        {
            if (!host.IsDone(index) && _plan.IsKnown!(host.Host.Address, _order.Protocol, _order[index]))
                host.Finish(index);
        }
        _counts.AddSkipped(before - host.Remaining);
        return host.Remaining;
    }

    /// <summary>Leaves out what the egress policy denies; how many ports those were.</summary>
    private int KeepAllowed(HostScan host, out string? rule)
    {
        rule = null;
        if (_policies.All(static policy => policy == EgressPolicy.Unrestricted))
            return 0;
        var before = host.Remaining;
        for (var index = 0; index < _order.Count; index++)
        {
            // Where no rule names ports, one stands for all.
            if (!host.IsDone(index) && Check(host.Host, _order[index]) is { IsAllowed: false } decision)
            {
                rule = decision.Rule;
                host.Finish(index);
            }
            else if (!_rulesNamePorts && !host.IsDone(index))
            {
                return 0;
            }
        }
        return before - host.Remaining;
    }

    private PolicyDecision Check(ScanHost host, int port)
    {
        foreach (var policy in _policies)
        {
            var target = policy.CheckTarget(null, host.Host, port);
            if (target.IsAllowed)
                target = policy.CheckAddress(null, host.Host, host.Address, port);
            if (!target.IsAllowed)
                return target;
        }
        return PolicyDecision.Allowed;
    }

    private void Skip(string host, string? rule, int ports)
    {
        var said = rule ?? "not allowed";
        Denial = (new Endpoint(host, 0), said);
        _counts.AddSkipped(ports);
        _sink.Note(ScanNoteKind.Skipped, host, $"{(ports == _order.Count ? "Left out" : $"{ports} ports left out")}: {said}.");
    }

    private static string? Denied(PolicyDecision decision) => decision.IsAllowed ? null : decision.Rule ?? "not allowed";
}

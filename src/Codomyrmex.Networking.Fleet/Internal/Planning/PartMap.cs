using System.Net;
using Codomyrmex.Networking.Scanning;

namespace Codomyrmex.Networking.Fleet.Internal.Planning;

/// <summary>
/// Which hosts are in which shard of a part. A unit is a host, or a network where a network has a cap of its own; of the units in ascending order, shard n has every one whose number
/// leaves n when divided by the count. So a shard is spread over all of the part, and a unit is in one shard alone.
/// </summary>
internal sealed class PartMap
{
    private readonly ScanTargets _targets;
    private readonly int _shards;

    // Where each network begins among the addresses; null where a unit is a host.
    private readonly long[]? _networks;

    public PartMap(PlanPart part) : this(part, ScanTargets.Parse(part.Targets), PortSet.Parse(part.Ports))
    {
    }

    public PartMap(PlanPart part, ScanTargets targets, PortSet ports)
    {
        _targets = targets;
        Ports = ports;
        _shards = part.Shards;
        _networks = part.ByNetwork ? Networks(targets) : null;
    }

    public PortSet Ports { get; }

    public long Units => _networks?.Length ?? _targets.AddressCount;

    /// <summary>The hosts of a shard, in ascending order.</summary>
    public List<IPAddress> HostsOf(int shard)
    {
        var hosts = new List<IPAddress>();
        for (long unit = shard; unit < Units; unit += _shards)
        {
            var first = _networks is null ? unit : _networks[unit];
            var end = _networks is null ? unit + 1 : unit + 1 < _networks.Length ? _networks[unit + 1] : _targets.AddressCount;
            for (var index = first; index < end; index++)
                hosts.Add(_targets.AddressAt(index));
        }
        return hosts;
    }

    private static long[] Networks(ScanTargets targets)
    {
        var starts = new List<long>();
        var index = 0L;
        (bool, UInt128)? last = null;
        foreach (var block in targets.Blocks.Blocks)
        {
            var width = block.IsIPv4 ? 8 : 64;
            for (var network = block.First >> width; network <= block.Last >> width; network++)
            {
                var key = (block.IsIPv4, network);
                var first = UInt128.Max(block.First, network << width);
                if (last != key)
                    starts.Add(index + (long)(first - block.First));
                last = key;
            }
            index += (long)block.Span + 1;
        }
        return [.. starts];
    }
}

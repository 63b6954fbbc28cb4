using System.Net;
using Codomyrmex.Networking.Fleet.Internal.Planning;
using Codomyrmex.Networking.Scanning;

namespace Codomyrmex.Networking.Fleet.Internal.Work;

/// <summary>A shard, and what the plan in force asks of it.</summary>
/// <param name="Cells">All that it has.</param>
/// <param name="Hosts">The hosts that are in the plan.</param>
/// <param name="Ports">The ports that are.</param>
/// <param name="IsWhole">Whether that is all of it: nothing is left for a plan to come.</param>
internal sealed record ShardScan(ShardCells Cells, List<IPAddress> Hosts, PortSet Ports, bool IsWhole);

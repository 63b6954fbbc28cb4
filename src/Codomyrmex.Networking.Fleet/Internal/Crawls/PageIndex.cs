namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>Which hosts have more pages than at an earlier time.</summary>
[GenerateSerializer, Immutable]
internal sealed record PageIndex([property: Id(0)] long Version, [property: Id(1)] HostPages[] Hosts, [property: Id(2)] bool IsOver);

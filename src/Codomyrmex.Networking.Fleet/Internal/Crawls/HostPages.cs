namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>How many pages a host has.</summary>
[GenerateSerializer, Immutable]
internal readonly record struct HostPages([property: Id(0)] string Origin, [property: Id(1)] int Count);

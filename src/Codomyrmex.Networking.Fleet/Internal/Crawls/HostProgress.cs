namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>Where a host stands.</summary>
/// <param name="Host">Its number in the crawl.</param>
/// <param name="Totals">What was done.</param>
/// <param name="DoneAt">How many URLs it had when nothing was left to do; -1 where something is.</param>
[GenerateSerializer, Immutable]
internal readonly record struct HostProgress([property: Id(0)] int Host, [property: Id(1)] HostTotals Totals, [property: Id(2)] int DoneAt);

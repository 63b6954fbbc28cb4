namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>What a machine learns when its commit is written down.</summary>
/// <param name="Known">How many URLs of the host there are.</param>
/// <param name="News">Those that others have found since the machine was last told.</param>
/// <param name="Outbox">After the last commit, what other hosts have still to be told of; else empty.</param>
/// <param name="Totals">Where the host stands.</param>
[GenerateSerializer, Immutable]
internal sealed record CommitReply([property: Id(0)] int Known, [property: Id(1)] UrlEntry[] News, [property: Id(2)] UrlEntry[] Outbox, [property: Id(3)] HostTotals Totals);

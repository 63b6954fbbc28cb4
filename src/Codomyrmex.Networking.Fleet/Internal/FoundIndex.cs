namespace Codomyrmex.Networking.Fleet.Internal;

/// <summary>Which lists of what was found have grown since an earlier time: the findings of shards, the pages of hosts.</summary>
/// <param name="Version">What to ask with next.</param>
/// <param name="Lists">Those that have, and how long they are.</param>
/// <param name="IsOver">Whether nothing more comes.</param>
[GenerateSerializer, Immutable]
internal sealed record FoundIndex<TKey>([property: Id(0)] long Version, [property: Id(1)] FoundList<TKey>[] Lists, [property: Id(2)] bool IsOver);

namespace Codomyrmex.Networking.Fleet.Internal;

/// <summary>How long a list is.</summary>
[GenerateSerializer, Immutable]
internal readonly record struct FoundList<TKey>([property: Id(0)] TKey Key, [property: Id(1)] int Count);

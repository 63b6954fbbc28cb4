namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>A host of a crawl.</summary>
/// <param name="Number">Its number, which never changes.</param>
/// <param name="Origin">Its scheme, host and port.</param>
[GenerateSerializer, Immutable]
internal readonly record struct HostName([property: Id(0)] int Number, [property: Id(1)] string Origin);

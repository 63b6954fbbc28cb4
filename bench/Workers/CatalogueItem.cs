namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>What the JSON scenario is made of.</summary>
internal sealed record CatalogueItem(int Id, string Name, string Description, double Price, bool InStock, string[] Tags);

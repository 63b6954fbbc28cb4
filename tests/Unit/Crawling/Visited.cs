using Codomyrmex.Networking.Crawling;

namespace Codomyrmex.Networking.Tests.Unit.Crawling;

/// <summary>What is left of a page when the next one has come.</summary>
internal sealed record Visited(
    string Path, int Status, string? Title, PageChange Change, string? DuplicateOf, bool IsSoftNotFound, string? Error, int Depth, int Redirects, bool IsNoIndex);

using Codomyrmex.Networking.Crawling.Protocol;

namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>What a page says of itself.</summary>
internal readonly record struct PageFacts(string? Title, string? Canonical, RobotsDirectives Directives, ulong Structure);

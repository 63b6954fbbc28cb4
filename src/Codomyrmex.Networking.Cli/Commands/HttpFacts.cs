namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>What the one HTTP request of an explanation found.</summary>
/// <param name="Status">The status.</param>
/// <param name="Reason">Its phrase.</param>
/// <param name="Version">The version spoken.</param>
/// <param name="Location">Where a redirect leads; null without one.</param>
/// <param name="Elapsed">From the request to the answer's head, without what connecting took.</param>
internal sealed record HttpFacts(int Status, string Reason, string Version, string? Location, TimeSpan Elapsed);

namespace Codomyrmex.Networking.Http;

/// <summary>A host that is for https alone (RFC 6797).</summary>
/// <param name="Name">The host: lower case, ASCII.</param>
/// <param name="IncludesSubdomains">Whether every name below it is too.</param>
/// <param name="ExpiresAt">Until when.</param>
public sealed record HstsHost(string Name, bool IncludesSubdomains, DateTimeOffset ExpiresAt);

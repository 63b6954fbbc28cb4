namespace Codomyrmex.Networking.Http;

/// <summary>A redirect that was followed.</summary>
/// <param name="Status">Its status, 301 to 308.</param>
/// <param name="Url">The URL that answered with it.</param>
/// <param name="Location">Where it led, absolute.</param>
public sealed record RedirectHop(int Status, Uri Url, Uri Location);

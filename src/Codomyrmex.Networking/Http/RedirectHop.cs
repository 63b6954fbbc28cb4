namespace Codomyrmex.Networking.Http;

/// <summary>A redirect that was followed.</summary>
/// <param name="Status">Its status, 301 to 308; 307 for an upgrade.</param>
/// <param name="Url">The URL that answered with it.</param>
/// <param name="Location">Where it led, absolute.</param>
public sealed record RedirectHop(int Status, Uri Url, Uri Location)
{
    /// <summary>
    /// Whether the client itself went from http to https, because the host is for https alone (<see cref="HTTPClientOptions.Hsts"/>): nothing was sent to
    /// <see cref="Url"/>.
    /// </summary>
    public bool IsUpgrade { get; init; }
}

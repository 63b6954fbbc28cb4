namespace Codomyrmex.Networking.Http.Internal;

/// <summary>An access token; compared by reference, since the same text may be issued twice.</summary>
/// <param name="value">The token.</param>
/// <param name="refreshAt">From when on it is to be replaced; null where nothing says that it expires.</param>
/// <param name="expiresAt">From when on it is worthless.</param>
internal sealed class AccessToken(string value, DateTimeOffset? refreshAt, DateTimeOffset? expiresAt)
{
    /// <summary>The value of <c>Authorization</c>.</summary>
    public string Field { get; } = "Bearer " + value;

    public bool IsFresh(DateTimeOffset now) => refreshAt is not { } at || now < at;

    public bool Holds(DateTimeOffset now) => expiresAt is not { } at || now < at;
}

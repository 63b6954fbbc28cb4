using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Rpc;

/// <summary>How an agent's card is fetched, and whom it is believed. Immutable.</summary>
public sealed record AgentCardOptions
{
    /// <summary>The defaults.</summary>
    public static AgentCardOptions Default { get; } = new();

    /// <summary>
    /// The client that fetches card and keys. The default value is null: one with <see cref="HTTPProfiles.Agents"/>, whose egress policy lets it reach the public internet alone.
    /// </summary>
    public HTTPClient? Client { get; init; }

    /// <summary>
    /// A set of keys (JWKS, RFC 7517) that is trusted. With one, no others are fetched, and a signature must be by one of these. The default value is null: keys come from where the
    /// signature says, see <see cref="TrustedKeyOrigins"/>.
    /// </summary>
    public string? TrustedKeys { get; init; }

    /// <summary>
    /// Origins, such as <c>https://keys.example.com</c>, whose keys are trusted beside those of the card's own origin. A signature may name any other place, which proves nothing. The
    /// default value is empty.
    /// </summary>
    public IReadOnlyList<string> TrustedKeyOrigins { get; init; } = [];

    /// <summary>Whether a card without a signature is taken. One with signatures of which none is right never is. The default value is false.</summary>
    public bool AllowUnsigned { get; init; }
}

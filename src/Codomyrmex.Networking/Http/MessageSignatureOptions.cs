using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http;

/// <summary>What HTTP message signatures cover and say (RFC 9421). Immutable.</summary>
public sealed record MessageSignatureOptions
{
    /// <summary>The key.</summary>
    public required MessageSigningKey Key { get; init; }

    /// <summary>
    /// What is covered: <c>@method</c>, <c>@target-uri</c>, <c>@authority</c>, <c>@scheme</c>, <c>@request-target</c>, <c>@path</c>, <c>@query</c>,
    /// <c>@query-param;name="…"</c>, or fields in lower case. <c>content-digest</c> (RFC 9530) is made where the caller has set none, and left out of a
    /// request without a body. The default value is <c>@method</c>, <c>@target-uri</c>, <c>content-digest</c>.
    /// </summary>
    public IReadOnlyList<string> Components { get; init; } = ["@method", "@target-uri", "content-digest"];

    /// <summary>The signature's name within its fields. The default value is <c>sig1</c>.</summary>
    public string Label { get; init; } = "sig1";

    /// <summary>How long a signature holds (<c>expires</c>); null for as long as the verifier likes. The default value is 5 minutes.</summary>
    public TimeSpan? Lifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether each signature has a <c>nonce</c>, by which a verifier tells a replay. The default value is true.</summary>
    public bool Nonce { get; init; } = true;

    /// <summary>The <c>tag</c>: what the signature is for. The default value is null.</summary>
    public string? Tag { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Key, "MessageSignatureOptions.Key");
        if (!StructuredText.IsKey(Label))
            throw new ArgumentException("A label begins with a lower-case letter (RFC 9651, section 3.1.2).", "MessageSignatureOptions.Label");
        if (Lifetime is { } time)
            ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.FromSeconds(1), "MessageSignatureOptions.Lifetime");
        if (Tag is not null)
            StructuredText.String(Tag, "MessageSignatureOptions.Tag");
        ArgumentNullException.ThrowIfNull(Components, "MessageSignatureOptions.Components");
        if (Components.Select(text => SignatureComponent.Parse(text, "MessageSignatureOptions.Components")).Distinct().Count() != Components.Count)
            throw new ArgumentException("A component is covered once (RFC 9421, section 2).", "MessageSignatureOptions.Components");
    }
}

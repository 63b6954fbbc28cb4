namespace Codomyrmex.Networking;

/// <summary>One challenge of a <c>WWW-Authenticate</c> field (RFC 9110, section 11.6.1).</summary>
/// <param name="Scheme">The scheme, as it came.</param>
/// <param name="Parameters">Its parameters, unquoted, names in any case; the first of several equal names.</param>
internal sealed record AuthChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    public string? this[string name] => Parameters.GetValueOrDefault(name);

    public bool Is(string scheme) => Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase);
}

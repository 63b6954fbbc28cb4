using System.Text;
using Codomyrmex.Networking.Http.Internal;

namespace Codomyrmex.Networking.Http;

/// <summary>
/// A credential bound to one origin (scheme, host and port). It is sent nowhere else, and signs nothing for others: not for another host that the
/// same client calls, and not across a redirect. Made without an origin, it binds to the client's <see cref="HTTPClientOptions.BaseUrl"/>, or to the
/// origin of the first request it is used for. What it learns (a nonce, a token) it keeps, so make one and share it. Thread-safe.
/// </summary>
public sealed partial class Credential
{
    private readonly string? _value;
    private readonly Authenticator? _authenticator;

    // None: an identity that any origin may see.
    private readonly OriginBinding? _origin;

    private Credential(string header, string value, string? origin) : this(header, Binding(origin))
    {
        FieldRules.CheckName(header);
        FieldRules.CheckValue(header, value);
        Redactor.CarriesCredential(header);
        _value = value;
    }

    private Credential(string header, Authenticator authenticator, OriginBinding? origin) : this(header, origin) => _authenticator = authenticator;

    private Credential(string header, OriginBinding? origin)
    {
        Header = header;
        _origin = origin;
    }

    private Credential(Credential first, Credential next) : this(first.Header, first._origin)
    {
        _value = first._value;
        _authenticator = first._authenticator;
        Next = first.Next is { } others ? new Credential(others, next) : next;
    }

    /// <summary>The field it is sent in.</summary>
    public string Header { get; }

    /// <summary>User and password, RFC 7617, in UTF-8.</summary>
    /// <param name="user">The user; without a colon.</param>
    /// <param name="password">The password.</param>
    /// <param name="origin">The origin it belongs to, as a URL; null binds it at first use.</param>
    /// <exception cref="ArgumentException">The user has a colon, or the origin is not a URL.</exception>
    public static Credential Basic(string user, string password, string? origin = null)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(password);
        if (user.Contains(':', StringComparison.Ordinal))
            throw new ArgumentException("A user name for basic authentication has no colon (RFC 7617, section 2).", nameof(user));
        return new Credential("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")), origin);
    }

    /// <summary>A bearer token, RFC 6750.</summary>
    /// <param name="token">The token.</param>
    /// <param name="origin">The origin it belongs to, as a URL; null binds it at first use.</param>
    public static Credential Bearer(string token, string? origin = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(token);
        return new Credential("Authorization", "Bearer " + token, origin);
    }

    /// <summary>An API key in a field of its own.</summary>
    /// <param name="key">The key.</param>
    /// <param name="header">The field, <c>X-Api-Key</c> by default.</param>
    /// <param name="origin">The origin it belongs to, as a URL; null binds it at first use.</param>
    public static Credential ApiKey(string key, string header = "X-Api-Key", string? origin = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        return new Credential(header, key, origin);
    }

    /// <summary>
    /// The entry of a netrc file for an origin's host, bound to that origin. The file is read now, and only because it was asked for.
    /// </summary>
    /// <param name="origin">The origin, as a URL.</param>
    /// <param name="path">The file; null for <c>NETRC</c>, else <c>~/.netrc</c>.</param>
    /// <returns>The credential, or null where the file has no entry for the host.</returns>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="FormatException">The file is malformed; the message names the line.</exception>
    public static Credential? FromNetrc(string origin, string? path = null)
    {
        var url = RequestUrl.ParseAbsolute(origin, nameof(origin));
        path ??= Environment.GetEnvironmentVariable("NETRC")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".netrc");
        return Netrc.Find(File.ReadAllText(path), Endpoint.Of(url).Host) is var (user, password) ? Basic(user, password, origin) : null;
    }

    /// <summary>
    /// This credential and another, each for its own origin: a login and a signature, say. Where both have the same <see cref="Header"/> for an
    /// origin, this one is used. Both keep what they learn.
    /// </summary>
    /// <param name="other">The other one.</param>
    public Credential And(Credential other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new Credential(this, other);
    }

    /// <summary>The credential's header and origin; never its value.</summary>
    public override string ToString()
    {
        var text = $"{Header}: {Redactor.Mask} for {(_origin is null ? "every origin" : _origin.Origin ?? "the first origin used")}";
        return Next is null ? text : $"{text}; {Next}";
    }

    /// <summary>The credential that goes with this one.</summary>
    internal Credential? Next { get; }

    internal bool HasAuthenticator => _authenticator is not null || Next?.HasAuthenticator == true;

    /// <summary>The value to send to an origin, or null where the credential belongs to another, or is no fixed value.</summary>
    internal string? ValueFor(string origin, bool binds = true) => Holds(origin, binds) ? _value : null;

    /// <summary>What completes messages to an origin, or null where the credential belongs to another: there is no other way to it.</summary>
    internal Authenticator? AuthenticatorFor(string origin) => _authenticator is not null && Holds(origin) ? _authenticator : null;

    /// <summary>Whether it, or what goes with it, fills a field for an origin.</summary>
    internal bool Fills(string header, string origin, bool binds)
    {
        var mine = Holds(origin, binds) && Header.Equals(header, StringComparison.OrdinalIgnoreCase);
        return Next?.Fills(header, origin, binds) == true || mine;
    }

    /// <summary>Binds it, and what goes with it, to an origin where it has none yet.</summary>
    internal void Bind(string origin)
    {
        for (var credential = this; credential is not null; credential = credential.Next)
            credential.Holds(origin);
    }

    internal bool Is(string header, string value) =>
        Header.Equals(header, StringComparison.OrdinalIgnoreCase) && value.Equals(_value, StringComparison.Ordinal);

    internal static Credential FromHeader(string header, string value, string? origin) => new(header, value, origin);

    private static OriginBinding Binding(string? origin) => new(origin is null ? null : RequestUrl.Origin(RequestUrl.ParseAbsolute(origin, nameof(origin))));

    private bool Holds(string origin, bool binds = true) =>
        _origin is null || (binds ? _origin.Holds(origin) : _origin.Origin is not { } bound || bound.Equals(origin, StringComparison.Ordinal));
}

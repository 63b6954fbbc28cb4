using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>What answers a server's nonce (RFC 7616, section 3.4): the challenge, a nonce of ours, the count of answers. Thread-safe.</summary>
internal sealed class DigestSession
{
    private readonly DigestAlgorithm _algorithm;
    private readonly AuthChallenge _challenge;
    private readonly string _user;
    private readonly string _password;
    private readonly string _secret;
    private readonly string? _qop;
    private readonly string[] _space;
    private int _count;

    private DigestSession(DigestAlgorithm algorithm, AuthChallenge challenge, string? qop, string nonce, string user, string password, string clientNonce)
    {
        (_algorithm, _challenge, _qop, Nonce, _user, _password, ClientNonce) = (algorithm, challenge, qop, nonce, user, password, clientNonce);
        var secret = Hash($"{user}:{RealmText}:{password}");
        _secret = algorithm.IsSession ? Hash($"{secret}:{nonce}:{clientNonce}") : secret;
        _space = Paths(challenge["domain"]);
    }

    public string Nonce { get; }

    public string ClientNonce { get; }

    public bool CoversBody => _qop == "auth-int";

    private string Realm => _challenge["realm"]!;

    // Fields are read as Latin-1: a character is a byte of what was sent, and the bytes are what both sides hash.
    private string RealmText => Ascii.IsValid(Realm) || !Utf8.IsValid(Encoding.Latin1.GetBytes(Realm)) ? Realm : Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(Realm));

    /// <summary>A session for the best challenge that may be answered; null where there is none.</summary>
    /// <param name="challenges">What the server offers.</param>
    /// <param name="user">The user.</param>
    /// <param name="password">The password.</param>
    /// <param name="allowMd5">Whether MD5, and a challenge without a quality of protection, is answered where nothing better is offered.</param>
    /// <param name="preferIntegrity">Whether the body is covered where the server offers both.</param>
    /// <param name="clientNonce">A nonce of ours; null for a fresh one.</param>
    public static DigestSession? Answering(
        IEnumerable<AuthChallenge> challenges, string user, string password, bool allowMd5, bool preferIntegrity = false, string? clientNonce = null)
    {
        // The server's order counts, but MD5 comes last whatever its place.
        foreach (var challenge in challenges.Where(one => one.Is("Digest")).OrderBy(one => DigestAlgorithm.Of(one["algorithm"])?.IsWeak == true))
        {
            if (DigestAlgorithm.Of(challenge["algorithm"]) is not { } algorithm || challenge["nonce"] is not { Length: > 0 } nonce)
                continue;
            // What a field cannot carry cannot be sent back.
            if (challenge["realm"] is not { } realm || !FieldRules.IsValue(realm) || !FieldRules.IsValue(nonce) || !FieldRules.IsValue(challenge["opaque"] ?? ""))
                continue;
            var offered = challenge["qop"]?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            var qop = Preferred(offered, preferIntegrity);
            if ((algorithm.IsWeak || offered is null) && !allowMd5 || (offered is not null && qop is null))
                continue;
            return new DigestSession(algorithm, challenge, qop, nonce, user, password, clientNonce ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        }
        return null;
    }

    /// <summary>The session that goes on with the server's next nonce.</summary>
    public DigestSession With(string nextNonce) => new(_algorithm, _challenge, _qop, nextNonce, _user, _password, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));

    /// <summary>Whether a path lies in the protection space: with nothing said, the whole origin does.</summary>
    public bool Covers(Uri url) => _space.Length == 0 || Array.Exists(_space, path => url.AbsolutePath.StartsWith(path, StringComparison.Ordinal));

    /// <summary>The number of the next answer; none is used twice.</summary>
    public int Next() => Interlocked.Increment(ref _count);

    public string HashOf(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(CryptographicOperations.HashData(_algorithm.Hash, bytes));

    public HashAlgorithmName HashName => _algorithm.Hash;

    /// <summary>The value of <c>Authorization</c>.</summary>
    /// <param name="method">The request's method.</param>
    /// <param name="target">Its path and query.</param>
    /// <param name="count">The answer's number.</param>
    /// <param name="bodyHash">The body's digest, where it is covered.</param>
    public string Authorization(string method, string target, int count, string? bodyHash)
    {
        var text = new StringBuilder("Digest ");
        if (_challenge["userhash"]?.Equals("true", StringComparison.OrdinalIgnoreCase) == true)
            text.Append("username=\"").Append(Hash($"{_user}:{RealmText}")).Append("\", userhash=true");
        // RFC 7616, section 3.4: what a quoted string cannot carry goes in the form of RFC 8187.
        else if (!Ascii.IsValid(_user))
            text.Append("username*=UTF-8''").Append(Uri.EscapeDataString(_user));
        else
            text.Append("username=").Append(Quoted(_user));
        text.Append(", realm=").Append(Quoted(Realm)).Append(", uri=").Append(Quoted(target));
        if (_algorithm.Name is { } name)
            text.Append(", algorithm=").Append(name);
        text.Append(", nonce=").Append(Quoted(Nonce));
        if (_qop is not null)
            text.Append(", nc=").Append(Number(count)).Append(", cnonce=\"").Append(ClientNonce).Append("\", qop=").Append(_qop);
        else if (_algorithm.IsSession)
            text.Append(", cnonce=\"").Append(ClientNonce).Append('"');
        text.Append(", response=\"").Append(Response($"{method}:{target}", count, bodyHash)).Append('"');
        if (_challenge["opaque"] is { } opaque)
            text.Append(", opaque=").Append(Quoted(opaque));
        return text.ToString();
    }

    /// <summary>Whether an <c>Authentication-Info</c> proves that the server knows the password too; null where it does not claim to.</summary>
    public bool? IsProved(IReadOnlyDictionary<string, string> info, string target, int count)
    {
        // Under auth-int the proof covers the body, which has not been read yet.
        if (!info.TryGetValue("rspauth", out var proof) || _qop != "auth")
            return null;
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(proof.ToLowerInvariant()), Encoding.UTF8.GetBytes(Response($":{target}", count, null)));
    }

    private string Response(string what, int count, string? bodyHash)
    {
        var about = Hash(CoversBody ? $"{what}:{bodyHash}" : what);
        return Hash(_qop is null ? $"{_secret}:{Nonce}:{about}" : $"{_secret}:{Nonce}:{Number(count)}:{ClientNonce}:{_qop}:{about}");
    }

    private static string? Preferred(string[]? offered, bool preferIntegrity)
    {
        if (offered is null)
            return null;
        string[] order = preferIntegrity ? ["auth-int", "auth"] : ["auth", "auth-int"];
        return Array.Find(order, one => offered.Contains(one, StringComparer.OrdinalIgnoreCase));
    }

    // The server's words about other origins do not count: the credential is bound to this one.
    private static string[] Paths(string? domain) =>
        [.. (domain ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(64).Select(Path).OfType<string>()];

    private static string? Path(string place) =>
        place.StartsWith('/') ? place : Uri.TryCreate(place, UriKind.Absolute, out var url) ? url.AbsolutePath : null;

    private static string Number(int count) => count.ToString("x8", CultureInfo.InvariantCulture);

    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    private string Hash(string text) => HashOf(Encoding.UTF8.GetBytes(text));
}

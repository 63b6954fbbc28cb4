using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Digest access authentication as a server does it (RFC 7616): each nonce counts its uses, and no count is taken twice.</summary>
internal sealed class LabDigest
{
    private const string Realm = "lab";
    private readonly ConcurrentDictionary<string, HashSet<string>> _nonces = new(StringComparer.Ordinal);

    public static void MapTo(LoopbackServer server) => server.Map("*", "/digest-auth/{qop}/{user}/{password}", new LabDigest().AnswerAsync);

    private async Task AnswerAsync(LoopbackExchange exchange)
    {
        var body = await exchange.ReadBodyAsync(cancellationToken: exchange.Aborted).ConfigureAwait(false);
        var algorithm = exchange.Query["algorithm"] ?? "SHA-256";
        var given = Parameters(exchange.Headers["Authorization"] ?? "");
        var isRight = Check(exchange, algorithm, given, body, out var secret);
        if (!isRight || !IsNew(given, StaleAfter(exchange)))
        {
            await ChallengeAsync(exchange, algorithm, isStale: isRight).ConfigureAwait(false);
            return;
        }
        var fields = new List<KeyValuePair<string, string>>();
        if (given["qop"] == "auth")
        {
            var proof = Hash(algorithm, $"{secret}:{given["nonce"]}:{given["nc"]}:{given["cnonce"]}:auth:{Hash(algorithm, $":{given["uri"]}")}");
            fields.Add(new("Authentication-Info", $"rspauth=\"{proof}\", qop=auth, cnonce=\"{given["cnonce"]}\", nc={given["nc"]}"));
        }
        await exchange.RespondAsync(200, Encoding.UTF8.GetBytes($"{{\"authenticated\":true,\"nc\":\"{given["nc"]}\"}}"), "application/json", fields).ConfigureAwait(false);
    }

    private static bool Check(LoopbackExchange exchange, string algorithm, Dictionary<string, string> given, byte[] body, out string secret)
    {
        var qop = given.GetValueOrDefault("qop");
        secret = Hash(algorithm, $"{exchange.RouteValue("user")}:{Realm}:{exchange.RouteValue("password")}");
        if (!new[] { "response", "nonce", "nc", "cnonce", "uri" }.All(given.ContainsKey) || given["uri"] != exchange.Target || !Offered(exchange).Contains(qop))
            return false;
        if (algorithm.EndsWith("-sess", StringComparison.OrdinalIgnoreCase))
            secret = Hash(algorithm, $"{secret}:{given["nonce"]}:{given["cnonce"]}");
        var about = $"{exchange.Method}:{exchange.Target}" + (qop == "auth-int" ? ":" + Convert.ToHexStringLower(Bytes(algorithm, body)) : "");
        var expected = Hash(algorithm, $"{secret}:{given["nonce"]}:{given["nc"]}:{given["cnonce"]}:{qop}:{Hash(algorithm, about)}");
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(given["response"]), Encoding.ASCII.GetBytes(expected));
    }

    private bool IsNew(Dictionary<string, string> given, int staleAfter)
    {
        if (!_nonces.TryGetValue(given["nonce"], out var counts))
            return false;
        lock (counts)
            return counts.Add(given["nc"]) && counts.Count <= staleAfter;
    }

    private static int StaleAfter(LoopbackExchange exchange) => exchange.Query["stale_after"] is not { } text ? int.MaxValue
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var uses) ? uses
        : throw new BadRequestException(400, "stale_after is a number of uses.");

    private Task ChallengeAsync(LoopbackExchange exchange, string algorithm, bool isStale)
    {
        var nonce = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        if (_nonces.Count > 1000)
            _nonces.Clear();
        _nonces[nonce] = [];
        var challenge = $"Digest realm=\"{Realm}\", qop=\"{string.Join(", ", Offered(exchange))}\", algorithm={algorithm}, nonce=\"{nonce}\", opaque=\"lab, \\\"quoted\\\"\"" +
            (isStale ? ", stale=true" : "");
        return exchange.RespondAsync(401, headers: [new("WWW-Authenticate", "Unknown a=b, " + challenge)]);
    }

    private static string[] Offered(LoopbackExchange exchange) => exchange.RouteValue("qop").Split(',');

    private static Dictionary<string, string> Parameters(string field)
    {
        var found = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var rest = field.StartsWith("Digest ", StringComparison.OrdinalIgnoreCase) ? field[7..] : "";
        while (rest.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
        {
            var name = rest[..at].Trim(' ', ',');
            rest = rest[(at + 1)..];
            var end = rest.StartsWith('"') ? Closing(rest) : rest.IndexOf(',', StringComparison.Ordinal);
            end = end < 0 ? rest.Length : end;
            found[name] = rest[..end].Trim('"');
            rest = rest[end..].TrimStart('"');
        }
        return found;
    }

    private static int Closing(string text)
    {
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '"')
                return i;
        }
        return text.Length;
    }

    private static string Hash(string algorithm, string text) => Convert.ToHexStringLower(Bytes(algorithm, Encoding.UTF8.GetBytes(text)));

    private static byte[] Bytes(string algorithm, byte[] bytes) =>
        algorithm.StartsWith("MD5", StringComparison.OrdinalIgnoreCase) ? MD5.HashData(bytes) : SHA256.HashData(bytes);
}

using System.Globalization;
using System.Text;
using Codomyrmex.Networking.Http.Internal;
using Codomyrmex.Networking.Http.Protocol;
using Codomyrmex.Networking.Transport.Internal;
using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>Readers of what servers and proxies send, and of files that others write.</summary>
internal static class PeerTargets
{
    private static readonly Uri Base = new("https://example.test/a/b");

    private delegate int MissingBytes(ReadOnlySpan<byte> received);

    private delegate void Reader(ReadOnlySpan<byte> answer);

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("dns-message", ReadDns) { Words = ["\u0001a", "\0", "\xC0\x0C", "\0\x01\0\x01", "\0\x29"] },
        new("socks5-reply", input =>
        {
            ReadInPieces(input, Socks5.MissingFromMethod, answer => Socks5.ReadMethod(answer, true), 2);
            ReadInPieces(input, Socks5.MissingFromCredentialsReply, answer => Socks5.ReadCredentialsReply(answer), 2);
            ReadInPieces(input, Socks5.MissingFromReply, answer => Socks5.ReadReply(answer), 262);
        }),
        new("socks4-reply", input => ReadInPieces(input, Socks4a.MissingFromReply, answer => Socks4a.ReadReply(answer), 8)),
        new("connect-head", input => ReadInPieces(input, HttpConnect.Missing, answer => HttpConnect.Parse(answer), HttpConnect.MaxHead))
        {
            Words = ["HTTP/1.1 ", "\r\n", "\r\n\r\n", "\n", ":", "Proxy-Authenticate: Basic", "Retry-After: 1", " ", "\0"],
        },
        new("link", input => LinkField.Parse([Field(input)], Base)) { Words = ["<", ">", ";", "rel=", "\"", "\\", ",", "//", "next"] },
        new("set-cookie", ReadCookies) { Words = ["=", ";", "Path=/", "Domain=", "Max-Age=", "Expires=", "Secure", "-1", "9999999999999999999", "GMT"] },
        new("retry-after", ReadRetryAfter) { Words = ["1", ".", "-", "e9", "GMT", "Fri, 31 Dec 1999 23:59:59 GMT", " ", "9999"] },
        new("rate-limit", ReadRateLimits)
        {
            Words = ["RateLimit: ", "RateLimit-Policy: ", "x-ratelimit-reset-tokens: ", "-limit", "-remaining", ";r=", ";t=", ";q=", ";w=", ";qu=", "\"", "\\", ",", "ms", "6m0s", "T00:00:00Z", "99999999999999999999", "\n"],
        },
        new("media-type", ReadMediaType) { Words = ["/", ";", "charset=", "\"", "utf-8", "+json", ","] },
        new("auth-challenge", ReadChallenges) { Words = ["Digest ", "Basic ", "realm=", "nonce=", "qop=\"auth,auth-int\"", "algorithm=SHA-256", "domain=\"/a /b\"", "\"", "\\", ",", "=", "=="] },
        new("zstd", ReadZstd) { Words = ["\u0028\u00B5\u002F\u00FD", "\u0050\u002A\u004D\u0018", "\0\0\0", "\u0001\0\0"] },
        new("netrc", input => Netrc.Find(Encoding.UTF8.GetString(input), "example.test"))
        {
            Words = ["machine ", "default ", "login ", "password ", "account ", "macdef ", "\"", "\\", "#", "\n", "example.test"],
        },
    ];

    private static void ReadDns(byte[] input)
    {
        var response = DnsMessage.ReadResponse(input);
        Promise.Keep(response.Answers.Count <= 4096, "a message has a bounded number of records");
        Promise.Keep(response.Answers.All(record => record.TimeToLive >= TimeSpan.Zero), "a record does not expire before it came");
        foreach (var type in response.Answers.Select(record => record.Type).Distinct())
            response.Find("example.test.", type, out _);
    }

    /// <summary>As a tunnel reads: by what is missing, so that no byte of what follows is touched.</summary>
    private static void ReadInPieces(byte[] input, MissingBytes missing, Reader read, int max)
    {
        try
        {
            var received = 0;
            while (missing(input.AsSpan(0, received)) is var wanted and > 0)
            {
                Promise.Keep(received + wanted <= max, "an answer has a bounded length");
                if (received + wanted > input.Length)
                    return;
                received += wanted;
            }
            read(input.AsSpan(0, received));
        }
        catch (FormatException)
        {
        }
    }

    /// <summary>As a body is read, in pieces, with the cap that a ratio is.</summary>
    private static void ReadZstd(byte[] input)
    {
        using var decoder = new ZstdStream(new MemoryStream(input));
        var buffer = new byte[1000];
        try
        {
            long total = 0;
            while (total < 1 << 20 && decoder.ReadAsync(buffer).AsTask().GetAwaiter().GetResult() is > 0 and var count)
                total += count;
        }
        catch (InvalidDataException)
        {
        }
    }

    private static void ReadCookies(byte[] input)
    {
        foreach (var cookie in SetCookie.Parse([Field(input)], Base))
            Promise.Keep(!cookie.ToString().AsSpan().ContainsAny("\r\n\0"), "a cookie stays on its line");
    }

    private static void ReadRetryAfter(byte[] input)
    {
        foreach (var unit in (int[])[1, 1000])
            Promise.Keep(RetryAfter.Parse(Field(input), unit, TimeProvider.System) is not { } wait || wait >= TimeSpan.Zero, "a wait is not negative");
    }

    private static void ReadChallenges(byte[] input)
    {
        var challenges = AuthChallenges.Parse(Field(input));
        Promise.Keep(challenges.Count <= 32 && challenges.All(one => one.Scheme.Length > 0), "challenges are bounded and have a scheme");
        _ = AuthChallenges.ParseParameters(Field(input));
        if (DigestSession.Answering(challenges, "user", "canary", allowMd5: true) is not { } session)
            return;
        var field = session.Authorization("GET", "/", session.Next(), session.HashOf([]));
        // It goes into a field: nothing that a server put into its challenge may break out of it.
        FieldRules.CheckValue("Authorization", field);
        var again = AuthChallenges.Parse(field);
        Promise.Keep(again.Count == 1 && again[0]["nonce"] == session.Nonce, "an answer is one challenge's");
        Promise.Keep(!field.Contains("canary", StringComparison.Ordinal) || Field(input).Contains("canary", StringComparison.Ordinal), "an answer hides the password");
        _ = session.Covers(Base);
    }

    // Each line is a field; the first one may be the date of the response.
    private static void ReadRateLimits(byte[] input)
    {
        var now = DateTimeOffset.UnixEpoch.AddYears(60);
        var lines = Field(input).Split('\n');
        var reader = new RateLimitFields(now, lines[0]);
        foreach (var line in lines)
        {
            if (RateLimitFields.IsOne(line.Split(':')[0], out var rest))
                reader.Add(rest, line.AsSpan(line.IndexOf(':', StringComparison.Ordinal) + 1));
        }
        var quotas = reader.Quotas.ToArray();
        Promise.Keep(quotas.Length <= 16, "a response has a bounded number of quotas");
        Promise.Keep(quotas.All(quota => quota.Name.Length is > 0 and <= 64), "a quota has a short name");
        Promise.Keep(quotas.All(quota => quota is { Limit: null or >= 0, Remaining: null or >= 0 }), "a count is not negative");
        Promise.Keep(quotas.All(quota => quota.ResetsAt is not { } at || (at >= now && at <= now.AddDays(365))), "a reset lies within a year");
    }

    private static void ReadMediaType(byte[] input)
    {
        var type = MediaType.Parse(Field(input));
        Promise.Keep(type.Type is null || type.Type == type.Type.ToLower(CultureInfo.InvariantCulture), "a type is in lower case");
    }

    private static string Field(byte[] input) => Encoding.Latin1.GetString(input);
}

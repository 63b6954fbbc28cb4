using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The endpoints for cookies and credentials.</summary>
internal static class LabAccess
{
    public static void MapTo(LoopbackServer server)
    {
        server.Map("GET", "/cookies", static exchange => exchange.RespondJsonAsync(200, writer => writer.WriteFields("cookies", Cookies(exchange))))
            .Map("GET", "/cookies/set", static exchange => SetAsync(exchange, static (name, value) => $"{name}={value}; Path=/"))
            .Map("GET", "/cookies/delete", static exchange => SetAsync(exchange, static (name, _) => $"{name}=; Path=/; Max-Age=0"))
            .Map("*", "/basic-auth/{user}/{password}", BasicAsync).Map("*", "/bearer", BearerAsync);
        var issued = 0;
        server.Map("POST", "/oauth2/token", exchange => TokenAsync(exchange, Interlocked.Increment(ref issued)));
    }

    private static IEnumerable<KeyValuePair<string, string>> Cookies(LoopbackExchange exchange) =>
        from field in exchange.Headers.GetValues("Cookie")
        from pair in field.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        let at = pair.IndexOf('=', StringComparison.Ordinal)
        where at > 0
        select KeyValuePair.Create(pair[..at], pair[(at + 1)..]);

    private static Task SetAsync(LoopbackExchange exchange, Func<string, string, string> cookie)
    {
        var headers = new List<KeyValuePair<string, string>> { new("Location", "/cookies") };
        foreach (var (name, value) in exchange.Query)
        {
            if (name.AsSpan().ContainsAny("\r\n;=") || value.AsSpan().ContainsAny("\r\n;"))
                throw new BadRequestException(400, "A cookie's name or value holds a character that it may not hold.");
            headers.Add(new("Set-Cookie", cookie(name, value)));
        }
        return exchange.RespondAsync(302, headers: headers);
    }

    private static Task BasicAsync(LoopbackExchange exchange)
    {
        var user = exchange.RouteValue("user");
        var expected = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{exchange.RouteValue("password")}"));
        if (!SameText(exchange.Headers["Authorization"] ?? string.Empty, expected))
            return exchange.RespondAsync(401, headers: [new("WWW-Authenticate", "Basic realm=\"lab\", charset=\"UTF-8\"")]);
        return exchange.RespondJsonAsync(200, writer =>
        {
            writer.WriteBoolean("authenticated", true);
            writer.WriteString("user", user);
        });
    }

    private static Task BearerAsync(LoopbackExchange exchange)
    {
        if (exchange.Headers["Authorization"] is not { } value || !value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return exchange.RespondAsync(401, headers: [new("WWW-Authenticate", "Bearer realm=\"lab\"")]);
        return exchange.RespondJsonAsync(200, writer =>
        {
            writer.WriteBoolean("authenticated", true);
            writer.WriteString("token", value[7..]);
        });
    }

    // RFC 6749, section 5.1; whoever asks gets one.
    private static Task TokenAsync(LoopbackExchange exchange, int number) => exchange.RespondJsonAsync(200, writer =>
    {
        writer.WriteString("access_token", $"lab-token-{number}");
        writer.WriteString("token_type", "Bearer");
        writer.WriteNumber("expires_in", 3600);
    });

    private static bool SameText(string one, string other) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));
}

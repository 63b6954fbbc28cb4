using System.Collections.Concurrent;
using System.Globalization;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The endpoints that answer with a status, a redirect, or a failure that heals.</summary>
internal static class LabOutcomes
{
    public static void MapTo(LoopbackServer server)
    {
        var failures = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        server.Map("*", "/status/{code}", StatusAsync).Map("*", "/redirect/{n}", RedirectAsync).Map("*", "/redirect-to", RedirectToAsync)
            .Map("*", "/flaky/{key}/{failures}", exchange => FlakyAsync(exchange, failures));
    }

    private static Task StatusAsync(LoopbackExchange exchange) => AnswerAsync(exchange, exchange.RouteNumber("code", 999));

    private static Task AnswerAsync(LoopbackExchange exchange, int status)
    {
        if (status < 200)
            throw new BadRequestException(400, "A final status is at least 200.");
        var headers = new List<KeyValuePair<string, string>>();
        if (exchange.Query["retry_after"] is { } wait)
            headers.Add(new("Retry-After", wait.ReplaceLineEndings(" ")));
        if (status is 301 or 302 or 303 or 307 or 308)
            headers.Add(new("Location", "/get"));
        else if (status == 401)
            headers.Add(new("WWW-Authenticate", "Basic realm=\"lab\""));
        else if (status == 407)
            headers.Add(new("Proxy-Authenticate", "Basic realm=\"lab\""));
        var body = string.Create(CultureInfo.InvariantCulture, $"{status} {StatusText.Of(status)}\n");
        return exchange.RespondAsync(status, body, headers: headers);
    }

    private static Task RedirectAsync(LoopbackExchange exchange)
    {
        var left = exchange.RouteNumber("n", 1_000_000);
        var to = left <= 1 ? "/get" : string.Create(CultureInfo.InvariantCulture, $"/redirect/{left - 1}");
        return exchange.RespondAsync(302, headers: [new("Location", to)]);
    }

    private static Task RedirectToAsync(LoopbackExchange exchange)
    {
        var status = exchange.QueryNumber("status", exchange.QueryNumber("status_code", 302, 399), 399);
        var url = exchange.Query["url"] ?? throw new BadRequestException(400, "'url' is missing.");
        return status is < 300 || url.AsSpan().ContainsAny("\r\n\0")
            ? throw new BadRequestException(400, "'status' is from 300 to 399, and 'url' has no line breaks.")
            : exchange.RespondAsync(status, headers: [new("Location", url)]);
    }

    private static Task FlakyAsync(LoopbackExchange exchange, ConcurrentDictionary<string, int> seen)
    {
        var failures = exchange.RouteNumber("failures", int.MaxValue);
        var attempt = seen.AddOrUpdate(exchange.RouteValue("key"), 1, static (_, count) => count + 1);
        return attempt <= failures
            ? AnswerAsync(exchange, exchange.QueryNumber("status", 503, 999))
            : LabEcho.RespondAsync(exchange, [new("X-Attempt", attempt.ToString(CultureInfo.InvariantCulture))]);
    }
}

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>What to try, in words of the command line: the library's speak of what programs can do.</summary>
internal static class HintText
{
    /// <summary>What to try, where anything is known.</summary>
    public static string? Of(NetworkException error)
    {
        var usual = ErrorCodes.Find(error.Code)?.Hint;
        return error.Hint is not { } hint ? null
            : hint == usual && OfCode(error) is { } own ? own
            : OfHint(error.Code, hint) ?? PropertyNames.Replace(hint);
    }

    /// <summary>In place of what the catalogue says to everybody.</summary>
    private static string? OfCode(NetworkException error) => error.Code switch
    {
        ErrorCodes.DnsServerFailure or ErrorCodes.DnsTimeout => "Try again, or ask another server (--dns).",
        ErrorCodes.LocalDescriptors => "Close what is open, or raise the limit (ulimit -n).",
        ErrorCodes.LocalPorts => "Wait until closed connections have left TIME_WAIT, or open fewer.",
        ErrorCodes.LocalIo => "Check the path, the space and the permissions there; the network is not the cause.",
        ErrorCodes.TcpTooSlow => "Ask the peer's operator; slower peers are not served.",
        ErrorCodes.TimeoutResolve => "Check the resolver, or ask another server (--dns).",
        ErrorCodes.TimeoutTls => "The port may not speak TLS; check it.",
        ErrorCodes.TimeoutFirstByte => "The server is slow or stuck; allow more time (--timeout; of tcp, --idle-timeout) if that is expected.",
        ErrorCodes.TimeoutTotal => "Allow more time (--timeout), or make faster what took it.",
        ErrorCodes.TlsNameMismatch => "Connect by a name that the certificate lists; --resolve gives it the address.",
        ErrorCodes.TlsPin => "Update --pin if the key was rotated on purpose; otherwise do not connect.",
        ErrorCodes.HttpTooLarge => "Allow more (--max-size) where the message names it, or write the body to a file (-o FILE).",
        ErrorCodes.HttpTooManyRedirects => "See where each leads with --no-follow; allow more with --max-redirects, if that many are right.",
        ErrorCodes.HttpStatus => OfStatus((error as HTTPException)?.Status),
        ErrorCodes.HttpVersionUnavailable => "Leave --http3 out, and HTTP/2 or HTTP/1.1 is spoken; or leave out what the message names.",
        ErrorCodes.HttpStreamTruncated => "Ask again; the JSON document (--json) has the last identifier to go on from.",
        ErrorCodes.RateLimited => "Wait as long as the message says, then ask again.",
        ErrorCodes.RateQueueFull => "Send less at a time.",
        ErrorCodes.BudgetRequests or ErrorCodes.BudgetConnections or ErrorCodes.BudgetBytes or ErrorCodes.BudgetTime or ErrorCodes.BudgetHosts =>
            "What the operator allowed is used up; codonet mcp allows more with --max-requests, --max-bytes, --max-seconds and --max-hosts.",
        ErrorCodes.ProxyAuthentication => "Name the user in the URL of --proxy, and the password in CODONET_PROXY_PASSWORD.",
        ErrorCodes.ProxyProtocol => "Check the scheme of --proxy (http, https, socks4a, socks5, socks5h) and the port.",
        ErrorCodes.ProxyExhausted => "Wait a while, or name more proxies (--proxy).",
        ErrorCodes.WsTooLarge => "Allow more (--max-size).",
        ErrorCodes.WsClosedAbnormally => "Connect again, or have that done (--reconnect); the close code and reason are in the message.",
        ErrorCodes.WsQueueFull => "Send less at a time.",
        ErrorCodes.SshDisconnected => "Run it again.",
        ErrorCodes.SftpTruncated => "Run it again with --resume.",
        ErrorCodes.SshOutputTooLarge => "Allow more (--max-output), or leave --json out: the output is then passed on as it comes.",
        ErrorCodes.PolicyDenied => "Allow it (--allow HOST[:PORTS]) if it is meant to be reached; what --deny names stays denied.",
        _ => null,
    };

    /// <summary>In place of what the library says of one case, where that is for programs alone.</summary>
    private static string? OfHint(string code, string hint) => code switch
    {
        ErrorCodes.HttpVersionUnavailable => "Leave --http3 out, and HTTP/2 or HTTP/1.1 is spoken; or leave out what the message names.",
        ErrorCodes.HttpDecode when hint.Contains("HTTPException.BodyExcerpt", StringComparison.Ordinal) => "The server may not have been asked for a stream, or has none there; without --sse its answer is shown as it is.",
        ErrorCodes.WsHandshake when hint.Contains("WebSocketHttpVersion", StringComparison.Ordinal) => "Leave --http2 out: this server speaks WebSockets over HTTP/1.1 alone.",
        ErrorCodes.SshDisconnected when hint.Contains("SSHClientOptions.Reconnect", StringComparison.Ordinal) => "Run it again.",
        _ => null,
    };

    private static string OfStatus(int? status) => status switch
    {
        401 => "Say who you are (--auth USER, --bearer-env VAR); what was sent, if anything, was not accepted.",
        403 => "The server refuses it to this caller; another credential may help (--auth, --bearer-env).",
        404 or 410 => "Check the URL: the server has nothing there.",
        405 => "The server does not take this method there; its Allow field says which it takes.",
        407 => "The proxy wants a user and a password: --proxy http://USER@HOST:PORT and CODONET_PROXY_PASSWORD.",
        408 or 425 or 429 or 503 => "Ask again later; Retry-After, where the server sends it, says when.",
        >= 500 => "The server failed, not the request: ask again later, or tell its operator.",
        _ => "The body of the answer may say why; codonet get shows it.",
    };
}

using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The options of <c>ws</c>.</summary>
internal static class WsOptions
{
    public static readonly Option Send = new("--send", "TEXT", "send this message first; with --reconnect, first on every connection") { IsRepeatable = true };
    public static readonly Option SendJson = new("--send-json", "JSON", "the same, and check that it is JSON") { IsRepeatable = true };
    public static readonly Option Expect = new("--expect", "TEXT", "a message must hold this text: stop at it; exit with 76 where none comes");
    public static readonly Option Count = new("--count", "N", "stop after N messages; exit with 76 where fewer come");
    public static readonly Option KeepOpen = new("--keep-open", null, "go on after the end of standard input");

    public static readonly Option Header = new("--header", "NAME:VALUE", "a field of the handshake") { IsRepeatable = true };
    public static readonly Option Subprotocol = new("--subprotocol", "NAME", "offer this subprotocol; the server must choose one of those offered") { IsRepeatable = true };
    public static readonly Option Http2 = new("--http2", null, "as a stream of an HTTP/2 connection (RFC 8441); without TLS by prior knowledge");
    public static readonly Option Compress = new("--compress", null, "offer compression of messages (RFC 7692)");
    public static readonly Option PingInterval = new("--ping-interval", "D", "time between two pings (default 20s)");
    public static readonly Option Reconnect = new("--reconnect", null, "connect again when the connection is lost, at most --retry times in a row");
    public static readonly Option MaxSize = new("--max-size", "SIZE", "refuse a longer message: bytes, or with k, M, G (default 16M)");

    public static readonly OptionGroup Messages = new("Messages", [Send, SendJson, Expect, Count, KeepOpen]);
    public static readonly OptionGroup Handshake = new("Handshake", [Header, HttpOptions.Auth, HttpOptions.Digest, HttpOptions.PasswordFile, HttpOptions.BearerEnv, Subprotocol, Compress, Http2]);
    public static readonly OptionGroup Connection = new("Life", [PingInterval, Reconnect, MaxSize]);
    public static readonly OptionGroup Time = new("Time",
    [
        ConnectionOptions.Timeout.Saying("deadline of the whole run: 500ms, 10s, 2m; a bare number is seconds (default none; to connect, 100s)"),
        ConnectionOptions.ConnectTimeout,
        ConnectionOptions.IdleTimeout.Saying("how long the server may be silent after a ping (default 20s)"),
        ConnectionOptions.Retry.Saying("attempts to connect after the first (default 2; with --reconnect, any number)"),
    ]);
}

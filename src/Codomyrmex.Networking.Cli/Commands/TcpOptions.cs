using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The options of <c>tcp</c>.</summary>
internal static class TcpOptions
{
    public static readonly Option Framing = new("--framing", "F", "where a frame ends: line (default), crlf, raw, length:4, varint, fixed:N, delimiter:TEXT") { Choices = FramingText.Names };
    public static readonly Option Send = new("--send", "TEXT", "send this frame instead of lines of standard input; listen: to everybody who connects") { IsRepeatable = true };
    public static readonly Option Count = new("--count", "N", "end after so many frames received");
    public static readonly Option MaxFrame = new("--max-frame", "SIZE", "the largest frame to take (default 1M)");
    public static readonly Option Tls = new("--tls", null, "speak TLS; listen needs --cert");
    public static readonly Option Alpn = new("--alpn", "NAME", "an application protocol to offer or take") { IsRepeatable = true };
    public static readonly Option Echo = new("--echo", null, "listen: send every frame back");
    public static readonly Option Timeout = new("--timeout", "D", "total deadline (default: none)");
    public static readonly Option IdleTimeout = new("--idle-timeout", "D", "limit for the wait for a frame (default: none)");

    public static readonly OptionGroup Frames = new("Frames", [Framing, Send, Count, MaxFrame, Echo]);
    public static readonly OptionGroup Time = new("Time", [Timeout, ConnectionOptions.ConnectTimeout, IdleTimeout]);
    public static readonly OptionGroup Security = new("TLS", [Tls, Alpn, .. ConnectionOptions.Tls.Options]);
}

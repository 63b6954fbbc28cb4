using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The options of <c>udp</c>.</summary>
internal static class UdpOptions
{
    public static readonly Option ExpectReply = new("--expect-reply", null, "send: wait for a reply from there, and send again where none comes");
    public static readonly Option Count = new("--count", "N", "end after so many datagrams received");
    public static readonly Option Hex = new("--hex", null, "send: TEXT is hexadecimal digits");
    public static readonly Option Echo = new("--echo", null, "listen: send every datagram back");
    public static readonly Option MaxDatagram = new("--max-datagram", "SIZE", "the longest datagram to take whole (default 65527)");
    public static readonly Option Broadcast = new("--broadcast", null, "send: allow broadcast addresses");
    public static readonly Option Timeout = new("--timeout", "D", "total deadline (default: none; with --expect-reply 100s)");
    public static readonly Option Wait = new("--wait", "D", "wait for a reply to the first sending; doubles (default 1s)");
    public static readonly Option Retry = new("--retry", "N", "sendings after the first where no reply comes (default 3)");

    public static readonly OptionGroup Datagrams = new("Datagrams", [ExpectReply, Count, Hex, Echo, MaxDatagram, Broadcast]);
    public static readonly OptionGroup Time = new("Time", [Timeout, Wait, Retry]);
    public static readonly OptionGroup Way = new("Connection", [ConnectionOptions.Resolve, ConnectionOptions.Dns, ConnectionOptions.IPv4, ConnectionOptions.IPv6]);
}

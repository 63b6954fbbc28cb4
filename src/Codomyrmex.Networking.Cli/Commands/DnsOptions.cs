using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The options of <c>dns</c>.</summary>
internal static class DnsOptions
{
    public static readonly Option Timeout = new("--timeout", "D", "total deadline (default 10s)");
    public static readonly Option Server = new("--dns", "SERVER[:PORT]", "ask this server instead of the system's");

    public static readonly OptionGroup Group = new("Question", [Server, Timeout, ConnectionOptions.IPv4, ConnectionOptions.IPv6]);
}

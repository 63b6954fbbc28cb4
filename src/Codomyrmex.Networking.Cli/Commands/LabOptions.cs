using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The options of <c>lab</c>.</summary>
internal static class LabOptions
{
    public static readonly Option Port = new("--port", "N", "port of the HTTP server (default: any free one)");
    public static readonly Option TlsPort = new("--tls-port", "N", "port of the HTTPS server (default: any free one)");
    public static readonly Option For = new("--for", "D", "stop after this time (default: at Ctrl-C)");

    public static readonly OptionGroup Group = new("Servers", [Port, TlsPort, For]);
}

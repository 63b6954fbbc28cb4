namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The commands that exist. One is made when it is asked for: a run needs no other.</summary>
internal static class CommandTable
{
    public static readonly CommandSet All = new("codonet", "the network, from the command line",
        ["get", "head", "options", "delete", "post", "put", "patch", "curl", "download", "ws", "ssh", "sftp", "tcp", "udp", "scan", "crawl", "explain", "dns", "mcp", "lab", "demo", "completion"], Find);

    public static string[] Names => All.Names;

    public static Command? Find(string name) => name switch
    {
        "get" or "head" or "options" or "delete" or "post" or "put" or "patch" => HttpCommand.Make(name),
        "curl" => CurlCommand.Make(),
        "download" => DownloadCommand.Make(),
        "ws" => WsCommand.Make(),
        "ssh" => SshCommand.Make(),
        "sftp" => SftpCommand.Make(),
        "tcp" => TcpCommand.Make(),
        "udp" => UdpCommand.Make(),
        "scan" => ScanCommand.Make(),
        "crawl" => CrawlCommand.Make(),
        "explain" => ExplainCommand.Make(),
        "dns" => DnsCommand.Make(),
        "mcp" => McpCommand.Make(),
        "lab" => LabCommand.Make(),
        "demo" => DemoCommand.Make(),
        "completion" => CompletionCommand.Make(),
        _ => null,
    };
}

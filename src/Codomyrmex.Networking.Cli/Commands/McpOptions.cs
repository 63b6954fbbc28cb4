using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The options of <c>mcp</c>: all of them the operator's, none a model's.</summary>
internal static class McpOptions
{
    public static readonly Option Http = new("--http", "PORT", "serve HTTP at http://127.0.0.1:PORT/mcp instead of standard input and output; 0 takes any free port");
    public static readonly Option Tools = new("--tools", "LIST", "offer these tools only, by commas");
    public static readonly Option Ssh = new("--ssh", "[USER@]HOST[:PORT]", "a host that models may run commands on; without it there is no ssh_run, sftp_get, sftp_put") { IsRepeatable = true };
    public static readonly Option Files = new("--files", "DIR", "the folder that sftp_get writes to and sftp_put reads from; without it neither is there") { IsFile = true };
    public static readonly Option IgnoreRobots = new("--ignore-robots", null, "do not ask sites' robots.txt before fetch_text");

    public static readonly Option MaxRequests = new("--max-requests", "N", "requests that all calls together may make (default 1000)");
    public static readonly Option MaxBytes = new("--max-bytes", "SIZE", "bytes that all calls together may take in (default 256M)");
    public static readonly Option MaxSeconds = new("--max-seconds", "N", "time that all calls together may take (default 3600)");
    public static readonly Option MaxHosts = new("--max-hosts", "N", "hosts that may be spoken to (default 100)");
    public static readonly Option MaxCallBytes = new("--max-call-bytes", "SIZE", "bytes that one call may take in (default 4M)");
    public static readonly Option PageChars = new("--page-chars", "N", "characters of content in one answer; the rest comes by cursor (default 20000)");

    public static readonly Option Timeout = new("--timeout", "D", "how long one call may take: 500ms, 10s, 2m; a bare number is seconds (default 60s)");

    public static readonly OptionGroup Serving = new("Serving", [Http, Tools]);
    public static readonly OptionGroup Reach = new("What is allowed", [.. ConnectionOptions.PublicPermission.Options, Ssh, Files, ScanOptions.Scope, IgnoreRobots]);
    public static readonly OptionGroup Budget = new("Budgets", [MaxRequests, MaxBytes, MaxSeconds, MaxHosts, MaxCallBytes, PageChars]);
    public static readonly OptionGroup Time = new("Time", [Timeout, ConnectionOptions.ConnectTimeout, ConnectionOptions.IdleTimeout]);
    public static readonly OptionGroup Way = new("Connection", [ConnectionOptions.Resolve, ConnectionOptions.Dns, ConnectionOptions.IPv4, ConnectionOptions.IPv6, ConnectionOptions.CaCert]);
}

using Codomyrmex.Networking.Cli.Mcp;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary><c>mcp</c>: the same operations as tools for models, under the policy and the budgets of whoever starts it.</summary>
internal static class McpCommand
{
    public static Command Make() => new("mcp", "", "serve the network to models as tools (Model Context Protocol), within a policy and budgets that are yours",
        [McpOptions.Serving, McpOptions.Reach, McpOptions.Budget, McpOptions.Time, McpOptions.Way, SshOptions.Who, SshOptions.Trust, GeneralOptions.Plain], RunAsync)
    {
        DefaultPolicy = EgressPolicy.PublicInternetOnly,
        Details =
        [
            "Tools: http_request, fetch_text, websocket_exchange, tcp_exchange, udp_exchange, dns_lookup, explain, next_page; ssh_run where a host is named with --ssh, sftp_get and sftp_put where --files " +
            "names a folder too, scan_ports where --scope names a file. Without --policy only the public internet may be reached; --allow and --deny change that, and nothing that a model sends does.",
            "Every answer says code, transient, wasSent and retryAt, success or not; what came from the network is marked untrusted, has no invisible or control characters, and comes in pages. A budget that is used up ends " +
            "every call with budget.… until the server is started anew.",
            "With --http only programs on this machine are served, and no web pages: a request from another Origin or for another Host is answered with 403. Where CODONET_MCP_TOKEN is set, requests must bring it as a bearer " +
            "token. Revisions 2026-07-28 and 2024-11-05 to 2025-11-25 of the protocol are spoken.",
        ],
        Examples =
        [
            "mcp", "mcp --policy nothing --allow api.example.com:443 --max-requests 50 --max-bytes 10M", "mcp --http 8765 --tools fetch_text,dns_lookup",
            "mcp --ssh deploy@web.example --key deploy_key --files outbox --allow 10.0.0.0/8", "mcp --scope contract.json",
        ],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        var port = run.Arguments.Value(McpOptions.Http, static text => NumberText.Parse(text, 0, 65535));
        await using var host = new ToolHost(run);
        var tools = ToolTable.Of(host, run.Arguments);
        run.Progress = () => $"{host.Budget.RequestsLeft} requests of the budget were left";
        if (port is null)
            await McpStdio.RunAsync(run, new McpServer(host, tools).Methods);
        else
            await McpHttp.RunAsync(run, new McpServer(host, tools).Methods, port.Value);
        return ExitCodes.Done;
    }
}

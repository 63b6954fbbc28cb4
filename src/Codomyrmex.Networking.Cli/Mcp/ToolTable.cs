using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Mcp.Tools;
using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>The tools that there are: what needs a permission that the operator did not give is not among them.</summary>
internal static class ToolTable
{
    public static IReadOnlyList<Tool> Of(ToolHost host, ParsedArguments arguments)
    {
        List<Tool> tools = [HttpTools.Request, HttpTools.FetchText, SocketTools.WebSocket, SocketTools.Tcp, SocketTools.Udp, LookTools.Dns, LookTools.Explain];
        if (host.Ssh.Count > 0)
            tools.Add(SshTools.Run(host.Ssh));
        if (host.Ssh.Count > 0 && host.Files is not null)
            tools.AddRange([SshTools.Get(host.Ssh), SshTools.Put(host.Ssh)]);
        if (host.Scope is { } scope)
            tools.Add(LookTools.Scan(scope));
        tools.Add(LookTools.NextPage);
        return arguments.Read(McpOptions.Tools, list => Chosen(tools, list)) ?? tools;
    }

    private static List<Tool> Chosen(List<Tool> tools, string list)
    {
        var chosen = new List<Tool>();
        foreach (var name in list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            chosen.Add(tools.Find(tool => tool.Name == name) ??
                throw new FormatException($"there is no tool '{name}' with these options{Suggestion.Instead(name, [.. tools.Select(static tool => tool.Name)])}"));
        }
        if (!chosen.Contains(LookTools.NextPage))
            chosen.Add(LookTools.NextPage);
        return chosen;
    }
}

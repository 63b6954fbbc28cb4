using System.Text;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Rendering;

namespace Codomyrmex.Networking.Tests.Cli.Documents;

/// <summary>Makes <c>docs/cli.md</c> from the tables of commands and options.</summary>
internal static class CommandLinePage
{
    private const string Head = """
        # The command line: `codonet`

        <!-- Made from the tables of commands and options by ./dev docs. -->

        One native executable for people (pretty on a terminal) and programs (`--json`). Options stand before or after the other
        arguments, as `--name value` or `--name=value`; `--` ends them. Secrets come from the environment, a file or standard input.
        What comes from the network is escaped on a terminal.

        ## Answers for programs

        With `--json`, standard output holds one JSON document on one line, and nothing else. Header names are in lower case, each with a
        list of values; `bodyKind` is `json`, `text`, `base64`, or `file` where `--output` took the body; a time that does not apply is
        null. Members may be added, none is renamed.

        ```json
        {"status":200,"reason":"OK","version":"1.1","url":"http://127.0.0.1:8080/get","headers":{"content-type":["application/json"]},"body":{},"bodyKind":"json","bytes":2,"timings":{"dnsMs":null,"connectMs":0.2,"proxyMs":null,"tlsMs":null,"firstByteMs":0.9,"totalMs":1.1},"remote":"127.0.0.1:8080","reused":false,"attempts":[{"address":"127.0.0.1:8080","elapsedMs":1.0,"code":null,"status":200}],"redirects":[{"status":302,"url":"…","location":"…"}]}
        ```

        A failure of any command is a document too; the [codes](errors.md) are stable:

        ```json
        {"error":{"type":"ConnectionException","code":"tcp.refused","message":"…","phase":"connect","endpoint":"127.0.0.1:9","isTransient":true,"wasSent":"never","retryAfterMs":null,"elapsedMs":1.2,"attempts":[{"address":"127.0.0.1:9","elapsedMs":0.4,"code":"tcp.refused"}],"hint":"…"}}
        ```

        Under `--fail`, a status of 400 or more gives the document of the answer with the `error` added. A wrong command line has the type
        `UsageError`, the code `usage` and the `argument` that is wrong.

        ## Exit codes

        | code | meaning | code | meaning |
        |---|---|---|---|
        | 0 | done | 75 | `HTTPException`, and `--fail` |
        | 64 | usage: the message names the argument | 76 | `WebSocketException` |
        | 70 | another `NetworkException` | 77 | `ProxyException` |
        | 71 | `ConnectionException` | 78 | `RateLimitException` |
        | 72 | `DNSResolutionException` | 79 | `SSHException`, `SftpException` |
        | 73 | `NetworkTimeoutException` | 80 | `PolicyException` |
        | 74 | `SSLException` | 1, 130 | a defect of ours, interrupted |

        ## Environment

        | variable | meaning |
        |---|---|
        | `CODONET_PASSWORD` | the password of `--auth` |
        | `CODONET_PROXY_PASSWORD` | the password of `--proxy`, where its URL has a user alone |
        | `CODONET_SSH_PASSWORD`, `CODONET_SSH_PASSPHRASE` | the password of SSH, the passphrase of a private key |
        | `CODONET_MCP_TOKEN` | what requests to `codonet mcp --http` must bring |
        | `SSH_AUTH_SOCK` | the agent that signs for SSH |
        | `XDG_CONFIG_HOME`, `HOME` | where `--session` keeps its files |
        | `NO_COLOR`, `TERM=dumb` | no colour |

        No other variable is read: a proxy is used where `--proxy` names one.

        """;

    public static string Render()
    {
        var page = new StringBuilder(Head.ReplaceLineEndings("\n"));
        var commands = CommandTable.Names.Select(name => CommandTable.Find(name)!).ToList();
        page.Append("\n## Commands\n\n| command | does |\n|---|---|\n");
        foreach (var command in commands)
            page.Append(null, $"| `{Cell($"{command.Name} {command.Arguments}".TrimEnd())}` | {Cell(command.Summary)} |\n");
        foreach (var alike in commands.GroupBy(Signature))
            Section(page, [.. alike]);
        return page.ToString();
    }

    /// <summary>Commands that differ in name and examples alone share a section.</summary>
    private static string Signature(Command command) => command.Arguments + string.Join(',', command.Groups.SelectMany(group => group.Options).Select(option => option.Name)) + string.Join(',', command.Details);

    private static void Section(StringBuilder page, Command[] commands)
    {
        page.Append(null, $"\n### {string.Join(", ", commands.Select(command => $"`{command.Name}`"))}\n");
        foreach (var detail in commands[0].Details)
            page.Append('\n').Append(detail).Append('\n');
        page.Append("\n```sh\n");
        foreach (var example in commands.SelectMany(command => command.Examples))
            page.Append("codonet ").Append(example).Append('\n');
        page.Append("```\n");
        foreach (var group in commands[0].Groups)
        {
            page.Append(null, $"\n| {group.Title} | |\n|---|---|\n");
            foreach (var option in group.Options)
                page.Append(null, $"| `{Cell(HelpText.Left(option))}` | {Cell(option.Help)}{(option.IsRepeatable ? " (repeatable)" : "")} |\n");
        }
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}

using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Rpc;

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>The protocol over standard input and output: each message on a line. When the input ends, what is under way is finished.</summary>
internal static class McpStdio
{
    private const int LongestMessage = 8 * 1024 * 1024;

    public static async Task RunAsync(Invocation run, RpcMethods methods)
    {
        await using var connection = RpcConnection.Over(new PipeStream(new InputStream(run.Context.OpenInput()), run.Context.Out), RpcFraming.Lines, new RpcOptions
        {
            Methods = methods,
            Cancelling = RpcCancelling.ModelContext,
            FinishCalls = true,
            ServedCalls = 32,
            MessageBytes = LongestMessage,
            Clock = run.Context.Clock,
        });
        await connection.Completion.WaitAsync(run.Context.Interrupted);
    }
}

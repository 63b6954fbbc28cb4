using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary><c>ws</c>: a conversation over a WebSocket.</summary>
internal static class WsCommand
{
    public static Command Make() => new("ws", "URL", "talk over a WebSocket: lines of standard input out, messages in",
        [WsOptions.Messages, WsOptions.Handshake, WsOptions.Connection, WsOptions.Time, ConnectionOptions.Way, ConnectionOptions.Permission, ConnectionOptions.Tls, GeneralOptions.Group],
        RunAsync)
    {
        LeastPositionals = 1,
        MostPositionals = 1,
        Details =
        [
            "The messages of --send go first, then each line of standard input is one. At its end the WebSocket is closed, and what the server still " +
            "sends before it closes too is shown; with --count or --expect the end of standard input closes nothing.",
            "On a terminal messages are shown escaped, behind a <. Into a pipe or file, text goes as it came with a line feed behind it, and bytes as they came. " +
            "With --json a message is {\"type\":\"text\",\"data\":…,\"bytes\":…,\"rttMs\":…} on a line of its own, bytes are base64, and the last line is the " +
            "close, with code and reason; rttMs is what the latest ping took, null before there was one.",
            "A close with 1000, 1001 or no code exits with 0 where the work was done: as many messages as --count says, the text of --expect, all lines sent. " +
            "Every other end exits with 76. --timeout, where it is given, spans the whole run; --idle-timeout is how long the server may be silent after a ping.",
        ],
        Examples =
        [
            "ws wss://ws.example.com/feed --send-json '{\"action\":\"subscribe\",\"channel\":\"updates\"}'", "ws localhost:8080/echo --send hello --count 1 --json",
            "ws wss://ws.example.com/feed --send subscribe --reconnect --keep-open --bearer-env API_TOKEN --json < /dev/null",
        ],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        var clock = run.Context.Clock;
        var view = new WsView(run);
        var goal = WsGoal.Read(run.Arguments);
        var (url, settings) = WsSettings.Read(run, view);
        if (settings.Transport.Tls.InsecureAcceptAnyCertificate && !run.IsQuiet && !run.IsJson)
            run.Error.Line("codonet: --insecure: whoever answers has not proved to be the server.", Style.Yellow).Flush();
        // A conversation may be as long as it likes, unless somebody says otherwise.
        var limit = run.Arguments.Has(ConnectionOptions.Timeout) ? settings.Timeouts.Total : Timeout.InfiniteTimeSpan;
        using var deadline = new CancellationTokenSource(limit, clock);
        await using var socket = await ConnectAsync(run, url, settings, view);
        view.Opened(socket);
        return await new WsConversation(run, socket, view, goal, limit, deadline.Token).RunAsync();
    }

    private static async Task<WebSocketClient> ConnectAsync(Invocation run, string url, WebSocketOptions settings, WsView view)
    {
        try
        {
            return await WebSocketClient.ConnectAsync(url, settings, run.Context.Interrupted);
        }
        catch (ArgumentException wrong) when (wrong is not ArgumentNullException)
        {
            throw new UsageException(RequestReader.WithoutParameter(wrong), run.Arguments.Positionals[0], wrong);
        }
        catch (WebSocketException error)
        {
            view.Refused(error);
            throw;
        }
    }
}

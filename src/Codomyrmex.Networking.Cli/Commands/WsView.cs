using System.Text;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>Shows a conversation: messages on standard output, what is told beside them on standard error. Thread-safe: both directions tell.</summary>
internal sealed class WsView(Invocation run)
{
    private readonly Lock _gate = new();
    private readonly long _start = run.Context.Clock.GetTimestamp();
    private readonly List<string> _early = [];
    private bool _isOpen;
    private long _received;
    private long _sent;

    // A person at a terminal is told of the connection, too.
    private readonly bool _tells = run.IsVerbose || run.IsTrace || (run.Context.IsOutTerminal && !run.IsJson && !run.IsQuiet);

    public long SentMessages => Volatile.Read(ref _sent);

    public void Opened(WebSocketClient socket)
    {
        var terms = (socket.Subprotocol is { } chosen ? $", subprotocol {chosen}" : "") + (socket.IsCompressed ? ", compressed" : "");
        Tell($"open: {socket.Url.AbsoluteUri}{terms}");
        lock (_gate)
            _isOpen = true;
        _early.ForEach(Tell);
        if (!run.IsVerbose)
            return;
        lock (_gate)
        {
            foreach (var (name, value) in socket.Headers)
                run.Error.Write("< ", Style.Dim).Line($"{name.ToLowerInvariant()}: {value}", Style.Dim);
            run.Error.Flush();
        }
    }

    /// <summary>A connection is there; what is told is that it is not the first.</summary>
    public void Connected(WebSocketSetup connection)
    {
        if (connection.Gap is not { } gap)
            return;
        var cause = gap.Cause is { } error ? $": {PropertyNames.Replace(error.Message)}" : "";
        var lost = gap.MessagesLost > 0 ? $", {gap.MessagesLost} messages to the server are lost" : "";
        Tell($"connected again after {Milliseconds.Text(gap.Duration)}{lost}{cause}");
    }

    /// <summary>The server did not want to: what it said.</summary>
    public void Refused(WebSocketException error)
    {
        if (run.IsJson || run.IsQuiet || error.BodyExcerpt is not { } excerpt)
            return;
        lock (_gate)
            run.Error.WriteLines(excerpt).Line().Flush();
    }

    public void Sent(int bytes)
    {
        Interlocked.Increment(ref _sent);
        if (!run.IsTrace)
            return;
        lock (_gate)
        {
            // What goes first is sent before anybody can be told that the connection is open.
            if (_isOpen)
                Tell($"sent {bytes} bytes");
            else
                _early.Add($"sent {bytes} bytes");
        }
    }

    public void Received(in WebSocketMessage message, TimeSpan? roundTrip)
    {
        _received++;
        if (run.IsTrace)
            Tell($"received {message.Length} bytes of {(message.IsText ? "text" : "binary")}");
        var output = run.Context.Out;
        if (run.IsJson)
        {
            var shown = message;
            JsonOutput.Write(output, writer => WsDocument.Write(writer, shown, roundTrip));
        }
        else if (run.Context.IsOutTerminal)
        {
            Show(message);
        }
        else if (message.IsText)
        {
            output.Write([.. message.Bytes.Span, (byte)'\n']);
            output.Flush();
        }
        else
        {
            output.Write(message.Bytes.Span);
            output.Flush();
        }
    }

    public void Closed(WebSocketClient socket, WebSocketException? error = null)
    {
        var close = error is { CloseCode: { } code }
            ? new WebSocketClose(code, error.CloseReason ?? "", socket.Closed?.ByPeer ?? true)
            : socket.Closed ?? new WebSocketClose(WebSocketCloseCode.Abnormal, "", ByPeer: false);
        if (run.IsJson)
            JsonOutput.Write(run.Context.Out, writer => WsDocument.WriteClose(writer, close, socket.RoundTripTime));
        var reason = close.Reason.Length == 0 ? "" : $" ({close.Reason})";
        var rtt = socket.RoundTripTime is { } time ? $", round trip {Milliseconds.Text(time)}" : "";
        Tell($"closed with {(int)close.Code}{reason}{(close.ByPeer ? " by the server" : "")}; messages: {_received} in, {SentMessages} out{rtt}");
    }

    private void Show(in WebSocketMessage message)
    {
        run.Out.Write("< ", Style.Cyan);
        if (!message.IsText)
        {
            run.Out.Line($"({message.Length} bytes that are no text; --json shows them)", Style.Dim).Flush();
            return;
        }
        var text = Encoding.UTF8.GetString(message.Bytes.Span);
        // What is indented cannot pass for a message of its own.
        run.Out.WriteLines(text.Replace("\n", "\n  ", StringComparison.Ordinal)).Line().Flush();
    }

    private void Tell(string what)
    {
        if (!_tells)
            return;
        lock (_gate)
        {
            run.Error.Write("* ", Style.Dim);
            if (run.IsTrace)
                run.Error.Write(Milliseconds.Text(run.Context.Clock.GetElapsedTime(_start)).PadLeft(9) + "  ", Style.Cyan);
            run.Error.Line(what, Style.Dim).Flush();
        }
    }
}

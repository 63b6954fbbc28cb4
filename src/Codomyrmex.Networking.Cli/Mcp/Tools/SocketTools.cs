using System.Text;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Cli.Mcp.Tools;

/// <summary><c>websocket_exchange</c>, <c>tcp_exchange</c> and <c>udp_exchange</c>: say something, hear what comes back, and hang up.</summary>
internal static class SocketTools
{
    private static readonly Parameter Host = new("host", ParameterKind.Text, "a host name or an IP address") { IsRequired = true, Most = 255 };
    private static readonly Parameter Port = new("port", ParameterKind.Number, "the port") { IsRequired = true, Least = 1, Most = 65535 };
    private static readonly Parameter IsBase64 = new("base64", ParameterKind.Flag, "what is sent is base64 of the bytes to send");
    private static readonly Parameter Wait = new("wait_ms", ParameterKind.Number, "how long to wait for more, in milliseconds; 2000 where it is left out") { Least = 1, Most = 60_000 };

    public static Tool WebSocket { get; } = new("websocket_exchange", "WebSocket exchange",
        "Opens a WebSocket, sends messages, and returns those that come back until there are enough of them, none came for a while, or the server closed.",
        ToolHints.Destructive | ToolHints.OpenWorld,
        [
            new("url", ParameterKind.Text, "a ws or wss URL") { IsRequired = true, Most = 8192 },
            new("send", ParameterKind.Texts, "text messages to send, in order") { Most = 100 },
            new("receive", ParameterKind.Number, "how many messages to wait for; 1 where it is left out") { Least = 0, Most = 1000 },
            Wait,
            new("headers", ParameterKind.Map, "header fields of the handshake") { Most = 50 },
            new("subprotocol", ParameterKind.Text, "the subprotocol to offer") { Most = 200 },
        ],
        """
        "messages":{"type":"array","items":{"type":"object","properties":{"type":{"type":"string"},"data":{"type":"string"},"bytes":{"type":"integer"}}}},"subprotocol":{"type":["string","null"]},"closeCode":{"type":["integer","null"]},"closeReason":{"type":["string","null"]},"complete":{"type":"boolean","description":"whether as many came as were waited for"}
        """, WebSocketAsync);

    public static Tool Tcp { get; } = new("tcp_exchange", "TCP exchange",
        "Connects over TCP or TLS, sends something, and returns what comes back until the other side ends, is silent for a while, or enough has come.",
        ToolHints.Destructive | ToolHints.OpenWorld,
        [
            Host, Port,
            new("tls", ParameterKind.Flag, "speak TLS"),
            new("send", ParameterKind.Text, "what to send; nothing where it is left out") { Most = 1 << 20 },
            IsBase64,
            new("end", ParameterKind.Flag, "say that nothing follows, once it is sent"),
            new("until", ParameterKind.Text, "stop when this text has come") { Most = 200 },
            new("max_bytes", ParameterKind.Number, "stop when so much has come") { Least = 1, Most = 64 << 20 },
            Wait,
        ],
        """
        "remote":{"type":["string","null"]},"tls":{"type":["string","null"]},"end":{"type":"string","enum":["closed","silent","enough","matched"]}
        """, TcpAsync);

    public static Tool Udp { get; } = new("udp_exchange", "UDP exchange",
        "Sends a datagram and returns the first reply from the address that it was sent to; sends it again where none comes.",
        ToolHints.Destructive | ToolHints.OpenWorld,
        [
            Host, Port,
            new("send", ParameterKind.Text, "what to send") { IsRequired = true, Most = 90_000 },
            IsBase64, Wait,
            new("attempts", ParameterKind.Number, "how often it is sent at most; 1 where it is left out") { Least = 1, Most = 5 },
        ],
        """
        "remote":{"type":"string"},"truncated":{"type":"boolean"}
        """, UdpAsync);

    private static async Task<ToolAnswer> WebSocketAsync(ToolRun run)
    {
        var arguments = run.Arguments;
        var url = HttpTools.Checked(() => new Uri(arguments.Required("url")));
        run.Lease.SpendHost(url.IdnHost);
        var wanted = arguments.Number("receive", 1);
        var options = HttpTools.Checked(() => new WebSocketOptions
        {
            Transport = run.Host.Transport,
            Timeouts = run.Host.Timeouts,
            Clock = run.Host.Clock,
            Retry = RetryOptions.None,
            RedirectLimit = 0,
            Headers = HttpTools.Fields(arguments),
            Subprotocols = arguments.Text("subprotocol") is { } subprotocol ? [subprotocol] : [],
            Limits = WebSocketLimits.Default with { MessageBytes = Math.Min(WebSocketLimits.Default.MessageBytes, Math.Max(1, run.Lease.Bytes)) },
        });
        WebSocketClient socket;
        try
        {
            socket = await WebSocketClient.ConnectAsync(arguments.Required("url"), options, run.Cancelled);
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException(Commands.RequestReader.WithoutParameter(wrong), inner: wrong);
        }
        await using var _ = socket;
        foreach (var text in arguments.Texts("send"))
            await socket.SendAsync(text, run.Cancelled);
        await socket.FlushAsync(run.Cancelled);
        var messages = await ReceiveAsync(run, socket, wanted);
        if (socket.Closed is null)
            await socket.CloseAsync(cancellationToken: run.Cancelled);
        return new ToolAnswer
        {
            Result = writer =>
            {
                writer.WriteStartArray("messages");
                foreach (var content in messages)
                {
                    writer.WriteStartObject();
                    writer.WriteString("type", content.IsBase64 ? "binary" : "text");
                    writer.WriteString("data", content.Text);
                    writer.WriteNumber("bytes", content.Bytes);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
                writer.WriteString("subprotocol", socket.Subprotocol);
                if (socket.Closed is { ByPeer: true } closed)
                {
                    writer.WriteNumber("closeCode", (int)closed.Code);
                    writer.WriteString("closeReason", closed.Reason);
                }
                else
                {
                    writer.WriteNull("closeCode");
                    writer.WriteNull("closeReason");
                }
                writer.WriteBoolean("complete", messages.Count >= wanted);
            },
        };
    }

    private static async Task<List<ToolContent>> ReceiveAsync(ToolRun run, WebSocketClient socket, int wanted)
    {
        var messages = new List<ToolContent>();
        while (messages.Count < wanted && run.Lease.Bytes > 0)
        {
            using var silence = Silence(run);
            try
            {
                if (await socket.ReceiveAsync(silence.Token) is not { } message)
                    break;
                run.Lease.Spend(message.Length);
                messages.Add(message.IsText ? new ToolContent(message.Text, false, message.Length, false) : new ToolContent(Convert.ToBase64String(message.Bytes.Span), true, message.Length, false));
                run.Progress.Report(messages.Count, wanted, null);
            }
            catch (OperationCanceledException) when (!run.Cancelled.IsCancellationRequested)
            {
                break;
            }
        }
        return messages;
    }

    private static async Task<ToolAnswer> TcpAsync(ToolRun run)
    {
        var arguments = run.Arguments;
        var data = Data(arguments);
        run.Lease.SpendHost(arguments.Required("host"));
        await using var client = HttpTools.Checked(() => new TCPClient(arguments.Required("host"), arguments.Number("port", 0), new TCPClientOptions
        {
            Transport = run.Host.Transport,
            Timeouts = run.Host.Timeouts with { FirstByte = Timeout.InfiniteTimeSpan, Idle = Timeout.InfiniteTimeSpan },
            UseTls = arguments.Flag("tls"),
            Retry = RetryOptions.None,
            Clock = run.Host.Clock,
        }));
        var connection = await client.ConnectAsync(run.Cancelled);
        if (data.Length > 0)
            await connection.SendAsync(data, run.Cancelled);
        if (arguments.Flag("end"))
            await connection.EndSendingAsync(run.Cancelled);
        var (bytes, end) = await ReceiveAsync(run, connection);
        return new ToolAnswer
        {
            Content = ToolContent.Of(bytes, end == "enough"),
            Result = writer =>
            {
                writer.WriteString("remote", connection.RemoteEndPoint?.ToString());
                writer.WriteString("tls", connection.Tls?.Protocol);
                writer.WriteString("end", end);
            },
        };
    }

    private static async Task<(byte[] Bytes, string End)> ReceiveAsync(ToolRun run, TCPConnection connection)
    {
        var most = Math.Min(run.Arguments.Number("max_bytes", int.MaxValue), run.Lease.Bytes);
        var until = run.Arguments.Text("until") is { Length: > 0 } text ? Encoding.UTF8.GetBytes(text) : null;
        using var all = new MemoryStream();
        var stream = connection.AsStream();
        var buffer = new byte[16 * 1024];
        while (all.Length < most)
        {
            using var silence = Silence(run);
            try
            {
                var read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, most - all.Length)), silence.Token);
                if (read == 0)
                    return (all.ToArray(), "closed");
                run.Lease.Spend(read);
                // Only where the text may lie: the end of what was there, and what is new.
                var from = (int)Math.Max(0, all.Length - (until?.Length ?? 0));
                all.Write(buffer, 0, read);
                run.Progress.Report(all.Length, null, null);
                if (until is not null && all.GetBuffer().AsSpan(from, (int)all.Length - from).IndexOf(until) >= 0)
                    return (all.ToArray(), "matched");
            }
            catch (OperationCanceledException) when (!run.Cancelled.IsCancellationRequested)
            {
                return (all.ToArray(), "silent");
            }
        }
        return (all.ToArray(), "enough");
    }

    private static async Task<ToolAnswer> UdpAsync(ToolRun run)
    {
        var arguments = run.Arguments;
        var data = Data(arguments);
        run.Lease.SpendHost(arguments.Required("host"));
        var wait = TimeSpan.FromMilliseconds(arguments.Number("wait_ms", 2000));
        await using var client = HttpTools.Checked(() => new UDPClient(arguments.Required("host"), arguments.Number("port", 0), new UDPClientOptions
        {
            Transport = run.Host.Transport,
            Timeouts = run.Host.Timeouts,
            Request = new UDPRequestOptions { FirstWait = wait, MaxWait = wait, Transmissions = arguments.Number("attempts", 1) },
            Clock = run.Host.Clock,
        }));
        await client.ConnectAsync(run.Cancelled);
        var reply = await client.RequestAsync(data, UDPCorrelations.Anything, null, run.Cancelled);
        run.Lease.Spend(reply.Data.Length);
        return new ToolAnswer
        {
            Content = ToolContent.Of(reply.Data.Span),
            Result = writer =>
            {
                writer.WriteString("remote", reply.RemoteEndPoint.ToString());
                writer.WriteBoolean("truncated", reply.IsTruncated);
            },
        };
    }

    private static byte[] Data(ToolArguments arguments)
    {
        var text = arguments.Text("send") ?? "";
        return arguments.Flag("base64") ? HttpTools.Checked(() => Convert.FromBase64String(text)) : Encoding.UTF8.GetBytes(text);
    }

    private static CancellationTokenSource Silence(ToolRun run)
    {
        var silence = CancellationTokenSource.CreateLinkedTokenSource(run.Cancelled);
        silence.CancelAfter(run.Arguments.Number("wait_ms", 2000));
        return silence;
    }
}

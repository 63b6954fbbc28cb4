using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>Turns options into the settings of a WebSocket.</summary>
internal static class WsSettings
{
    public static (string Url, WebSocketOptions Options) Read(Invocation run, WsView view)
    {
        var arguments = run.Arguments;
        var first = ReadMessages(arguments);
        var retries = arguments.Value(ConnectionOptions.Retry, static text => NumberText.Parse(text, 0, 100));
        var options = new WebSocketOptions
        {
            Headers = ReadFields(run),
            Digest = Secrets.ReadDigest(run),
            Subprotocols = arguments.All(WsOptions.Subprotocol),
            HttpVersion = arguments.Has(WsOptions.Http2) ? WebSocketHttpVersion.Http2 : WebSocketHttpVersion.Http11,
            Compression = arguments.Has(WsOptions.Compress) ? WebSocketCompression.Default : null,
            Limits = ReadLimits(arguments),
            Timeouts = TransportSettings.ReadTimeouts(arguments),
            Retry = retries is { } most ? RetryOptions.Default with { Retries = most, BudgetReserve = Math.Max(10, most) } : RetryOptions.Default,
            Reconnect = ReadReconnect(arguments, retries),
            Transport = TransportSettings.Read(run),
            Clock = run.Context.Clock,
            OnConnected = async (connection, cancellationToken) =>
            {
                view.Connected(connection);
                foreach (var message in first)
                {
                    await connection.SendAsync(message, cancellationToken);
                    view.Sent(Encoding.UTF8.GetByteCount(message));
                }
            },
        };
        options = options with { CloseTimeout = options.Timeouts.Total < options.CloseTimeout ? options.Timeouts.Total : options.CloseTimeout };
        if (arguments.Value(WsOptions.PingInterval, DurationText.Parse) is { } interval)
            options = options with { PingInterval = interval };
        if (arguments.Value(ConnectionOptions.IdleTimeout, DurationText.Parse) is { } silence)
            options = options with { PongTimeout = silence };
        return (TargetUrl.CompleteWebSocket(arguments.Positionals[0]), options);
    }

    private static List<string> ReadMessages(ParsedArguments arguments)
    {
        var messages = new List<string>();
        foreach (var (option, text) in arguments.InOrder(WsOptions.Send, WsOptions.SendJson))
            messages.Add(option == WsOptions.SendJson ? ParsedArguments.Checked(option, text, Json) : text);
        return messages;
    }

    private static string Json(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 512 });
            return text;
        }
        catch (JsonException error)
        {
            throw new FormatException($"'{text}' is not JSON: {error.Message}", error);
        }
    }

    private static HeaderMap ReadFields(Invocation run)
    {
        var fields = RequestReader.ReadFields(run.Arguments, WsOptions.Header);
        Secrets.AddTo(fields, run);
        if (!fields.Contains("User-Agent"))
            fields.Add("User-Agent", "codonet/" + Release.Version);
        return fields;
    }

    private static WebSocketLimits ReadLimits(ParsedArguments arguments) =>
        arguments.Value(WsOptions.MaxSize, NumberText.Size) is not { } bytes ? WebSocketLimits.Default
        : bytes is > 0 and <= 0x7FFF_FFC7 ? WebSocketLimits.Default with { MessageBytes = bytes, FrameBytes = bytes }
        : throw new UsageException("--max-size: a message has between 1 byte and 2G, less 57.", WsOptions.MaxSize.Name);

    private static WebSocketReconnect? ReadReconnect(ParsedArguments arguments, int? retries)
    {
        if (!arguments.Has(WsOptions.Reconnect))
            return null;
        return retries == 0
            ? throw new UsageException("--reconnect and --retry 0 exclude each other.", WsOptions.Reconnect.Name)
            : WebSocketReconnect.Default with { MaxAttempts = retries };
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Testing.Internal;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// A model's API on a loopback address, in both common shapes: <c>/v1/chat/completions</c> and <c>/v1/models</c> as OpenAI has them, <c>/v1/messages</c> as
/// Anthropic has it, streamed or whole, with rate-limit fields, and as badly behaved as it is told to be. Without replies it says the last message again, word
/// by word. Thread-safe.
/// </summary>
public sealed class ChatServer : IAsyncDisposable
{
    private static readonly OpenAIShape OpenAI = new();
    private static readonly AnthropicShape Anthropic = new();

    private readonly ChatServerOptions _options;
    private readonly Lock _lock = new();
    private readonly List<ChatReply> _replies = [];
    private readonly List<ChatRequest> _requests = [];
    private int _answered, _usedRequests, _usedTokens;
    private DateTimeOffset _minute;

    private ChatServer(ChatServerOptions options)
    {
        _options = options;
        _minute = Now;
        Server = LoopbackServer.Start(options.Listen)
            .Map("POST", "/v1/chat/completions", exchange => AnswerAsync(exchange, OpenAI))
            .Map("POST", "/v1/messages", exchange => AnswerAsync(exchange, Anthropic))
            .Map("GET", "/v1/models", ListModelsAsync);
    }

    /// <summary>The server below, for its faults, connections and requests.</summary>
    public LoopbackServer Server { get; }

    /// <summary>The address, such as <c>http://127.0.0.1:40123/</c>. SDKs in OpenAI's shape want <c>v1</c> behind it.</summary>
    public Uri Url => Server.Url;

    /// <summary>The requests for answers so far, those refused included.</summary>
    public IReadOnlyList<ChatRequest> Requests
    {
        get
        {
            lock (_lock)
                return [.. _requests];
        }
    }

    private DateTimeOffset Now => _options.Listen.TimeProvider.GetUtcNow();

    /// <summary>Starts a server.</summary>
    /// <param name="options">What it demands and grants; null for the defaults.</param>
    public static ChatServer Start(ChatServerOptions? options = null) => new(options ?? new ChatServerOptions());

    /// <summary>Adds a reply. Several are given in turn, the last one from then on.</summary>
    /// <param name="reply">The reply.</param>
    public ChatServer Reply(ChatReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        lock (_lock)
            _replies.Add(reply);
        return this;
    }

    /// <summary>Stops it.</summary>
    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private async Task AnswerAsync(LoopbackExchange exchange, ChatShape shape)
    {
        JsonElement body;
        try
        {
            using var document = JsonDocument.Parse(await exchange.ReadBodyAsync().ConfigureAwait(false));
            body = document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw new JsonException("The body is no JSON object.");
        }
        catch (JsonException error)
        {
            await exchange.RespondAsync(400, shape.Error(400, error.Message), "application/json").ConfigureAwait(false);
            return;
        }
        var request = new ChatRequest(exchange.Path, exchange.Headers, body);
        var (turn, left) = Take(request, exchange.Headers);
        List<KeyValuePair<string, string>> fields = [.. shape.Fields(turn, left)];
        if (turn.Reply.RetryAfter is { } wait)
        {
            fields.Add(new("retry-after-ms", wait.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture)));
            fields.Add(new("retry-after", Math.Ceiling(wait.TotalSeconds).ToString("0", CultureInfo.InvariantCulture)));
        }
        if (turn.Reply.ShouldRetry is { } retry)
            fields.Add(new("x-should-retry", retry ? "true" : "false"));
        if (turn.Reply.Status >= 400 || (turn.Reply.Fault == ChatFault.ErrorEvent && !request.IsStreamed))
        {
            var status = turn.Reply.Status >= 400 ? turn.Reply.Status : 500;
            await exchange.RespondAsync(status, shape.Error(status, MessageOf(turn.Reply, status)), "application/json", fields).ConfigureAwait(false);
        }
        else if (request.IsStreamed)
        {
            await StreamAsync(exchange, shape, turn, fields).ConfigureAwait(false);
        }
        else
        {
            await SendWholeAsync(exchange, shape.Whole(turn), turn.Reply.Fault, fields).ConfigureAwait(false);
        }
    }

    private async Task StreamAsync(LoopbackExchange exchange, ChatShape shape, ChatTurn turn, List<KeyValuePair<string, string>> fields)
    {
        fields.AddRange([new("Content-Type", "text/event-stream; charset=utf-8"), new("Cache-Control", "no-cache")]);
        var stream = await exchange.StartAsync(turn.Reply.Status, fields).ConfigureAwait(false);
        var reply = turn.Reply;
        foreach (var (index, text) in shape.Events(turn).Index())
        {
            if (reply.Fault is not (ChatFault.None or ChatFault.Repeat) && index >= reply.FaultAfter && (reply.Fault != ChatFault.Malformed || index == reply.FaultAfter))
            {
                if (reply.Fault == ChatFault.ErrorEvent)
                    await SendAsync(stream, shape.ErrorEvent(MessageOf(reply, 500), reply.ErrorType), exchange.Aborted).ConfigureAwait(false);
                else if (reply.Fault == ChatFault.Malformed)
                    await SendAsync(stream, shape.Malformed, exchange.Aborted).ConfigureAwait(false);
                else if (reply.Fault == ChatFault.OnlyPings)
                    await PingOnAsync(stream, shape, reply, exchange.Aborted).ConfigureAwait(false);
                else
                    await GoWrongAsync(exchange, reply.Fault).ConfigureAwait(false);
                if (reply.Fault != ChatFault.Malformed)
                    return;
            }
            for (var i = 0; i < reply.Pings; i++)
            {
                await PauseAsync(reply, exchange.Aborted).ConfigureAwait(false);
                await SendAsync(stream, shape.Ping, exchange.Aborted).ConfigureAwait(false);
            }
            await PauseAsync(reply, exchange.Aborted).ConfigureAwait(false);
            await SendAsync(stream, text, exchange.Aborted).ConfigureAwait(false);
            if (reply.Fault == ChatFault.Repeat && index >= reply.FaultAfter)
                await SendAsync(stream, text, exchange.Aborted).ConfigureAwait(false);
        }
    }

    private Task PauseAsync(ChatReply reply, CancellationToken stopping) =>
        reply.Pause > TimeSpan.Zero ? Task.Delay(reply.Pause, _options.Listen.TimeProvider, stopping) : Task.CompletedTask;

    private async Task PingOnAsync(Stream stream, ChatShape shape, ChatReply reply, CancellationToken stopping)
    {
        var pause = reply.Pause > TimeSpan.Zero ? reply.Pause : TimeSpan.FromMilliseconds(10);
        while (true)
        {
            await SendAsync(stream, shape.Ping, stopping).ConfigureAwait(false);
            await Task.Delay(pause, _options.Listen.TimeProvider, stopping).ConfigureAwait(false);
        }
    }

    private static async Task SendWholeAsync(LoopbackExchange exchange, byte[] whole, ChatFault fault, List<KeyValuePair<string, string>> fields)
    {
        if (fault == ChatFault.None)
        {
            await exchange.RespondAsync(200, whole, "application/json", fields).ConfigureAwait(false);
            return;
        }
        var stream = await exchange.StartAsync(200, [new("Content-Type", "application/json"), .. fields], whole.Length).ConfigureAwait(false);
        await stream.WriteAsync(whole.AsMemory(0, whole.Length / 2), exchange.Aborted).ConfigureAwait(false);
        await GoWrongAsync(exchange, fault).ConfigureAwait(false);
    }

    private static async Task GoWrongAsync(LoopbackExchange exchange, ChatFault fault)
    {
        if (fault == ChatFault.Cut)
            exchange.Abort(reset: true);
        else if (fault == ChatFault.Stall)
            await exchange.StallAsync().ConfigureAwait(false);
    }

    private static ValueTask SendAsync(Stream stream, string text, CancellationToken stopping) => stream.WriteAsync(Encoding.UTF8.GetBytes(text), stopping);

    private static string MessageOf(ChatReply reply, int status) => reply.Message ?? $"{status} {StatusText.Of(status)}, as the server was told to say.";

    private Task ListModelsAsync(LoopbackExchange exchange) => exchange.RespondJsonAsync(200, writer =>
    {
        writer.WriteString("object", "list");
        writer.WriteStartArray("data");
        foreach (var model in _options.Models)
        {
            writer.WriteStartObject();
            writer.WriteString("id", model);
            writer.WriteString("object", "model");
            writer.WriteNumber("created", 0);
            writer.WriteString("owned_by", "test");
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    });

    private (ChatTurn Turn, ChatAllowance Left) Take(ChatRequest request, LoopbackFields headers)
    {
        lock (_lock)
        {
            _requests.Add(request);
            var now = Now;
            if (now - _minute >= TimeSpan.FromMinutes(1))
                (_minute, _usedRequests, _usedTokens) = (now, 0, 0);
            var reset = _minute + TimeSpan.FromMinutes(1) - now;
            var reply = Refusal(request, headers, reset);
            if (reply is null)
            {
                _usedRequests++;
                _usedTokens += request.Words;
                reply = _replies.Count == 0 ? Echo(request) : _replies[Math.Min(_answered, _replies.Count - 1)];
                _answered++;
            }
            var left = new ChatAllowance(_options.RequestsPerMinute, Math.Max(0, _options.RequestsPerMinute - _usedRequests),
                _options.TokensPerMinute, Math.Max(0, _options.TokensPerMinute - _usedTokens), reset);
            return (new ChatTurn(request, reply, _requests.Count, now), left);
        }
    }

    private ChatReply? Refusal(ChatRequest request, LoopbackFields headers, TimeSpan reset)
    {
        if (_options.ApiKey is { } key && headers["Authorization"] != "Bearer " + key && headers["x-api-key"] != key)
            return ChatReply.Fail(401) with { Message = "The key is missing or wrong." };
        if (!_options.Models.Contains(request.Model))
            return ChatReply.Fail(404) with { Message = $"There is no model '{request.Model}'." };
        return _usedRequests >= _options.RequestsPerMinute || _usedTokens >= _options.TokensPerMinute
            ? ChatReply.Fail(429, reset) with { Message = "The minute's requests or tokens are used up." }
            : null;
    }

    private static ChatReply Echo(ChatRequest request)
    {
        var words = request.Text.Split(' ');
        return ChatReply.Text([.. words.Select((word, index) => index == 0 ? word : " " + word)]);
    }
}

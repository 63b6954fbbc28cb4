using System.Globalization;
using System.Text.Json;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Llm.Protocol;

namespace Codomyrmex.Networking.Llm.Internal;

/// <summary>One asking of a model: its events read, its tokens counted, its failures put into words.</summary>
internal sealed class AnswerReading : IAsyncDisposable
{
    private readonly HTTPClient _client;
    private readonly Request _request;
    private readonly ModelStreamOptions _options;
    private readonly long _expectedInput;
    private IAsyncEnumerator<ServerSentEvent>? _events;
    private AnswerBuilder _answer = new();
    private long _estimatedOutput;
    private ModelUsage _settled;
    private string? _requestId;
    private RateLimitInfo _limits = new();
    private Endpoint? _endpoint;
    private int _readAhead;
    private bool _isComplete;

    public AnswerReading(HTTPClient client, Request request, ModelStreamOptions options)
    {
        (_client, _request, _options) = (client, request, options);
        _expectedInput = options.InputTokens ?? (request.Body?.Length ?? 0) / 4;
    }

    public Queue<ModelDelta> Deltas => _answer.Deltas;

    public ModelAnswer Answer => _answer.Snapshot() with
    {
        Usage = Usage,
        IsUsageEstimated = !_answer.IsUsageFinal,
        IsComplete = _isComplete,
        RequestId = _requestId,
        RateLimits = _limits,
    };

    // The service's count where it has one. One that it gives in the middle is of the tokens until then.
    private ModelUsage Usage => _answer.Usage is { } said
        ? said with
        {
            InputTokens = said.InputTokens > 0 ? said.InputTokens : _expectedInput,
            OutputTokens = _answer.IsUsageFinal ? said.OutputTokens : Math.Max(said.OutputTokens, _estimatedOutput),
        }
        : new ModelUsage(_expectedInput, _estimatedOutput);

    /// <summary>Waits for the next event, whose deltas are then there; false at the end.</summary>
    public async ValueTask<bool> MoveAsync(CancellationToken cancellationToken)
    {
        if (_events is null)
        {
            if (_options.Budget?.Spent(beforeSending: true) is { } spent)
                throw OverBudget(spent, isSent: false);
            _events = _client.EventsAsync(Counted(), Contract(), cancellationToken).GetAsyncEnumerator(cancellationToken);
        }
        try
        {
            if (!await _events.MoveNextAsync().ConfigureAwait(false))
            {
                _isComplete = true;
                return false;
            }
        }
        // Before it, nothing has been lost: the error stands for itself.
        catch (NetworkException error) when (error is not ModelStreamException && _answer.HasToken)
        {
            throw Interrupted(error);
        }
        if (_readAhead > 0)
            _readAhead--;
        else
            Read(_events.Current);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        if (_events is { } events)
            await events.DisposeAsync().ConfigureAwait(false);
    }

    // What the limits of the host, and those that the service tells of, are asked for.
    private Request Counted() => _request.Options.TokenCost > 0 ? _request : _request with { Options = _request.Options with { TokenCost = Math.Max(1, _expectedInput) } };

    private EventStreamOptions Contract() => new()
    {
        Until = _options.Format == ModelFormat.OpenAI ? TerminalEvent.Data(OpenAIEvents.End) : TerminalEvent.OfType(AnthropicEvents.End),
        BegunBy = item =>
        {
            _readAhead++;
            Read(item);
            return _answer.HasToken;
        },
        Opened = Begin,
    };

    /// <summary>A response whose events follow: the first one, or that of a retry, which begins anew.</summary>
    private void Begin(Response response)
    {
        (_answer, _estimatedOutput, _readAhead) = (new AnswerBuilder(), 0, 0);
        _endpoint = Endpoint.Of(response.Url);
        _requestId = response.Headers["x-request-id"] ?? response.Headers["request-id"];
        _limits = response.RateLimits;
        Settle();
    }

    private void Read(ServerSentEvent item)
    {
        var before = _answer.Deltas.Count;
        ReportedError? error;
        try
        {
            error = _options.Format == ModelFormat.OpenAI ? OpenAIEvents.Read(item.Type, item.Data, _answer) : AnthropicEvents.Read(item.Type, item.Data, _answer);
        }
        catch (Exception wrong) when (wrong is FormatException or JsonException)
        {
            throw Malformed(item, wrong);
        }
        if (error is not null)
            throw Reported(error);
        foreach (var delta in _answer.Deltas.Skip(before))
            _estimatedOutput += Count(delta.Text ?? delta.Reasoning ?? delta.Refusal ?? delta.ToolCallPiece?.Arguments);
        Settle();
        // What is over is not taken back.
        if (_answer.FinishReason is null && _options.Budget?.Spent(beforeSending: false) is { } spent)
            throw OverBudget(spent, isSent: true);
    }

    private int Count(string? piece) => piece is null or "" ? 0 : _options.CountTokens?.Invoke(piece) ?? Math.Max(1, piece.Length / 4);

    private void Settle()
    {
        // A question whose answer never began is charged for by nobody.
        var now = _answer.HasToken || _answer.Usage is not null ? Usage : default;
        if (now == _settled)
            return;
        _options.Budget?.Settle(_settled, now);
        _settled = now;
    }

    private ModelStreamException Interrupted(NetworkException error)
    {
        var how = error is StreamTruncatedException { InnerException: null } ? "ended without its terminal event" : error is NetworkTimeoutException ? "stalled" : "broke off";
        return Failed(ErrorCodes.ModelInterrupted, $"The answer from {error.Endpoint ?? _endpoint} {how}. {error.Message}", error, error.IsTransient);
    }

    /// <summary>Which event, what is wrong with it, and how it begins.</summary>
    private ModelStreamException Malformed(ServerSentEvent item, Exception wrong)
    {
        var why = wrong switch
        {
            // The platform counts from 0 and in bytes, and its sentence ends with both.
            JsonException { BytePositionInLine: { } at, LineNumber: { } line } => string.Create(CultureInfo.InvariantCulture, $"its data is no JSON (line {line + 1}, byte {at + 1})"),
            JsonException => "its data is no JSON",
            _ => char.ToLowerInvariant(wrong.Message[0]) + wrong.Message[1..].TrimEnd('.'),
        };
        return Failed(ErrorCodes.ModelMalformed,
            $"{_endpoint} sent what is no event of a model's answer in the format {_options.Format}: {why}. The event of type '{Beginning(item.Type)}' begins with '{Beginning(item.Data)}'.", wrong);
    }

    private static string Beginning(string text) => text.Length <= 40 ? text : text[..40] + "…";

    private ModelStreamException Reported(ReportedError error) => Failed(ErrorCodes.ModelError,
        $"{_endpoint} reports an error in the middle of its answer: {(error.Kind.Length == 0 ? "" : $"{error.Kind}: ")}{error.Message}", null, error.IsTransient, error.Kind);

    private ModelStreamException OverBudget((string Code, string Sentence) spent, bool isSent) => isSent
        ? Failed(spent.Code, $"{spent.Sentence}; the answer from {_endpoint} was stopped.", null)
        : new ModelStreamException(new NetworkFailure { Code = spent.Code, Message = $"{spent.Sentence}; nothing was sent." }, ModelAnswer.Nothing);

    private ModelStreamException Failed(string code, string message, Exception? cause, bool? isTransient = null, string? kind = null) => new(new NetworkFailure
    {
        Code = code,
        Message = message,
        Phase = NetworkPhase.Receive,
        Endpoint = _endpoint,
        WasSent = WasSent.Yes,
        IsTransient = isTransient,
        RequestId = _requestId,
        Attempts = (cause as NetworkException)?.Attempts ?? [],
        Elapsed = (cause as NetworkException)?.Elapsed ?? TimeSpan.Zero,
    }, Answer, cause)
    {
        RemoteKind = kind is "" ? null : kind,
    };
}

using System.Text;

namespace Codomyrmex.Networking.Llm.Protocol;

/// <summary>Puts an answer together from what its events add, and keeps the pieces to be given out.</summary>
internal sealed class AnswerBuilder
{
    // A hostile stream could name a new call with each event, or never come to an end.
    private const int MostToolCalls = 1024;
    private const int MostCharacters = 16 * 1024 * 1024;

    private readonly StringBuilder _text = new();
    private readonly StringBuilder _reasoning = new();
    private readonly StringBuilder _refusal = new();
    private readonly List<Call> _calls = [];
    private string? _id;
    private string? _model;
    private int _characters;

    /// <summary>What is to be given out.</summary>
    public Queue<ModelDelta> Deltas { get; } = new();

    /// <summary>Whether the model has said anything yet.</summary>
    public bool HasToken { get; private set; }

    public ModelFinishReason? FinishReason { get; private set; }

    public string? FinishReasonText { get; private set; }

    /// <summary>The service's own count; null where it has given none.</summary>
    public ModelUsage? Usage { get; private set; }

    /// <summary>Whether the count is final: of the whole answer, not of its beginning.</summary>
    public bool IsUsageFinal { get; private set; }

    public void Head(string? id, string? model) => (_id, _model) = (_id ?? id, _model ?? model);

    public void Text(string? piece) => Add(_text, piece, static text => new ModelDelta { Text = text });

    public void Reasoning(string? piece) => Add(_reasoning, piece, static text => new ModelDelta { Reasoning = text });

    public void Refusal(string? piece) => Add(_refusal, piece, static text => new ModelDelta { Refusal = text });

    /// <summary>A piece of a call of a tool, named by the service's number for it.</summary>
    /// <exception cref="FormatException">There are too many.</exception>
    public void ToolCall(long number, string? id, string? name, string? arguments)
    {
        var index = _calls.FindIndex(call => call.Number == number);
        if (index < 0)
        {
            if (_calls.Count == MostToolCalls)
                throw new FormatException($"The answer calls more than {MostToolCalls} tools.");
            index = _calls.Count;
            _calls.Add(new Call(number));
        }
        var call = _calls[index];
        call.Id ??= id;
        call.Name ??= name;
        Limit(arguments);
        call.Arguments.Append(arguments);
        HasToken = true;
        Deltas.Enqueue(new ModelDelta { ToolCallPiece = new ModelToolCallPiece(index, id, name, arguments ?? "") });
    }

    /// <summary>All pieces of a call have come.</summary>
    public void EndToolCall(long number)
    {
        if (_calls.FindIndex(call => call.Number == number) is >= 0 and var index && !_calls[index].IsComplete)
        {
            _calls[index].IsComplete = true;
            Deltas.Enqueue(new ModelDelta { ToolCall = _calls[index].Made(index) });
        }
    }

    /// <summary>Counts that the service gives; null leaves one as it is.</summary>
    public void Count(long? input, long? output, long? cached, bool isFinal)
    {
        var before = Usage ?? default;
        Usage = new ModelUsage(input ?? before.InputTokens, output ?? before.OutputTokens) { CachedInputTokens = cached ?? before.CachedInputTokens };
        IsUsageFinal |= isFinal;
        Deltas.Enqueue(new ModelDelta { Usage = Usage });
    }

    public void Finish(ModelFinishReason reason, string text)
    {
        // One that ran out of tokens was cut off in its last call.
        for (var i = 0; reason != ModelFinishReason.Length && i < _calls.Count; i++)
            EndToolCall(_calls[i].Number);
        (FinishReason, FinishReasonText) = (reason, text);
        Deltas.Enqueue(new ModelDelta { FinishReason = reason });
    }

    /// <summary>The answer as it is now.</summary>
    public ModelAnswer Snapshot() => new()
    {
        Id = _id,
        Model = _model,
        Text = _text.ToString(),
        Reasoning = _reasoning.ToString(),
        Refusal = _refusal.ToString(),
        ToolCalls = [.. _calls.Select(static (call, index) => call.Made(index))],
        FinishReason = FinishReason,
        FinishReasonText = FinishReasonText,
    };

    private void Add(StringBuilder whole, string? piece, Func<string, ModelDelta> delta)
    {
        if (string.IsNullOrEmpty(piece))
            return;
        Limit(piece);
        whole.Append(piece);
        HasToken = true;
        Deltas.Enqueue(delta(piece));
    }

    private void Limit(string? piece)
    {
        _characters += piece?.Length ?? 0;
        if (_characters is < 0 or > MostCharacters)
            throw new FormatException($"The answer has more than {MostCharacters} characters.");
    }

    private sealed class Call(long number)
    {
        public long Number => number;

        public string? Id { get; set; }

        public string? Name { get; set; }

        public StringBuilder Arguments { get; } = new();

        public bool IsComplete { get; set; }

        public ModelToolCall Made(int index) => new(index, Id ?? "", Name ?? "", Arguments.ToString(), IsComplete);
    }
}

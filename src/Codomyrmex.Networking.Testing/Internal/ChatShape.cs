using System.Text;
using System.Text.Json;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>How a provider's API puts an answer: whole, as events, and as an error.</summary>
internal abstract class ChatShape
{
    /// <summary>The whole answer as one document.</summary>
    public abstract byte[] Whole(ChatTurn turn);

    /// <summary>The answer as server-sent events, the terminal one last.</summary>
    public abstract IEnumerable<string> Events(ChatTurn turn);

    /// <summary>The body of an error's answer, and what stands in an event within a 200.</summary>
    public abstract byte[] Error(int status, string message);

    /// <summary>The event that tells of an error within a 200.</summary>
    public abstract string ErrorEvent(string message, string? type);

    /// <summary>An event of the stream's own kind whose data is no JSON.</summary>
    public abstract string Malformed { get; }

    /// <summary>What says that the stream still lives.</summary>
    public abstract string Ping { get; }

    /// <summary>The fields that tell how much may still be asked, and the request's number.</summary>
    public abstract IEnumerable<KeyValuePair<string, string>> Fields(ChatTurn turn, ChatAllowance left);

    /// <summary>An event; the name where the API has names.</summary>
    protected static string Event(string? name, Action<Utf8JsonWriter> write) =>
        $"{(name is null ? "" : $"event: {name}\n")}data: {Encoding.UTF8.GetString(LabRequest.Json(write))}\n\n";

    /// <summary>The arguments of a tool in fragments that break it anywhere, as models do.</summary>
    protected static IEnumerable<string> Fragments(string arguments) => arguments.Chunk(8).Select(static part => new string(part));
}

/// <summary>A request, what it is answered with, and when.</summary>
internal sealed record ChatTurn(ChatRequest Request, ChatReply Reply, int Number, DateTimeOffset At)
{
    public string Text { get; } = string.Concat(Reply.Parts);

    public int InputTokens => Request.Words;

    public int OutputTokens => Math.Max(1, Reply.Parts.Count + Reply.ToolCalls.Count);
}

/// <summary>What is left of a minute's requests and tokens.</summary>
internal readonly record struct ChatAllowance(int RequestLimit, int Requests, int TokenLimit, int Tokens, TimeSpan Reset);

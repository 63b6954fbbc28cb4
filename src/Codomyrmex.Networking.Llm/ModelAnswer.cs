using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Llm;

/// <summary>What has come of an answer: all of it, or the part before a stream was cut off. Immutable. Texts are a stranger's: escape them before they are shown.</summary>
public sealed record ModelAnswer
{
    internal static ModelAnswer Nothing { get; } = new();

    /// <summary>The service's identifier of the answer; null until it has come.</summary>
    public string? Id { get; init; }

    /// <summary>The model that answers, as the service names it; null until that has come.</summary>
    public string? Model { get; init; }

    /// <summary>The text.</summary>
    public string Text { get; init; } = "";

    /// <summary>The reasoning, where the service shows it.</summary>
    public string Reasoning { get; init; } = "";

    /// <summary>The refusal, where the model refuses in so many words.</summary>
    public string Refusal { get; init; } = "";

    /// <summary>The calls of tools, in order.</summary>
    public IReadOnlyList<ModelToolCall> ToolCalls { get; init; } = [];

    /// <summary>Why the model stopped; null where it has not.</summary>
    public ModelFinishReason? FinishReason { get; init; }

    /// <summary>The same in the service's own word.</summary>
    public string? FinishReasonText { get; init; }

    /// <summary>The tokens. An estimate where <see cref="IsUsageEstimated"/>.</summary>
    public ModelUsage Usage { get; init; }

    /// <summary>Whether the service has not said how many tokens there were.</summary>
    public bool IsUsageEstimated { get; init; } = true;

    /// <summary>Whether the stream came to the end that it promised.</summary>
    public bool IsComplete { get; init; }

    /// <summary>The identifier of the request (<c>x-request-id</c>, <c>request-id</c>); null where there is none.</summary>
    public string? RequestId { get; init; }

    /// <summary>What the service said about its limits of requests and tokens.</summary>
    public RateLimitInfo RateLimits { get; init; } = new();

    /// <summary>What there is of it, for a log: the model, sizes, tools, why it stopped. Nothing of what was said: texts and arguments may be secret.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Shown(Model ?? "a model")}: {Text.Length} characters");
        if (Reasoning.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $", {Reasoning.Length} of reasoning");
        if (Refusal.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $", {Refusal.Length} of refusal");
        if (ToolCalls.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $", calls {string.Join(", ", ToolCalls.Take(5).Select(static call => Shown(call.Name)))}{(ToolCalls.Count > 5 ? ", …" : "")}");
        text.Append(CultureInfo.InvariantCulture, $"; {Usage.InputTokens} + {Usage.OutputTokens} tokens{(IsUsageEstimated ? " (estimated)" : "")}; ");
        return text.Append(FinishReason is { } reason ? reason.ToString() : IsComplete ? "complete" : "cut off").ToString();
    }

    // A stranger's words, for a line.
    private static string Shown(string name) => string.Concat(name.Where(static c => !char.IsControl(c)).Take(60));
}

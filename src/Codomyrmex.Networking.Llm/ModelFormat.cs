namespace Codomyrmex.Networking.Llm;

/// <summary>The form that a service gives the events of an answer.</summary>
public enum ModelFormat
{
    /// <summary>Chat completions as OpenAI has them and many others imitate: events without names, <c>[DONE]</c> at the end.</summary>
    OpenAI,

    /// <summary>Messages as Anthropic has them: named events, from <c>message_start</c> to <c>message_stop</c>.</summary>
    Anthropic,
}

namespace Codomyrmex.Networking.Llm;

/// <summary>A call of a tool that a model asks for, put together from its pieces.</summary>
/// <param name="Index">Its place among the calls of the answer, from 0 on.</param>
/// <param name="Id">The service's name for the call, which its result is sent back with.</param>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">The arguments as text: a JSON object where the model kept to its task, which nobody has checked. Empty where there are none.</param>
/// <param name="IsComplete">Whether all of it has come; false for one that a stream was cut off in.</param>
public sealed record ModelToolCall(int Index, string Id, string Name, string Arguments, bool IsComplete);

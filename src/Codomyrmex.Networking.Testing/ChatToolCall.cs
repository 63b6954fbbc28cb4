namespace Codomyrmex.Networking.Testing;

/// <summary>A call of a tool that the model asks for.</summary>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">Its arguments, a JSON object as text; a stream brings it in fragments.</param>
public sealed record ChatToolCall(string Name, string Arguments);

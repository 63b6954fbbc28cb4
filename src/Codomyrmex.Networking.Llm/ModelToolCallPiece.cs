namespace Codomyrmex.Networking.Llm;

/// <summary>A piece of a call of a tool, as it comes.</summary>
/// <param name="Index">The call's place among those of the answer, from 0 on.</param>
/// <param name="Id">The service's name for the call; null in the pieces that follow the first.</param>
/// <param name="Name">The tool; null in the pieces that follow the first.</param>
/// <param name="Arguments">The next characters of the arguments; any part of a JSON text.</param>
public readonly record struct ModelToolCallPiece(int Index, string? Id, string? Name, string Arguments);

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>A piece of a content.</summary>
/// <param name="Content">The whole.</param>
/// <param name="Text">The piece.</param>
/// <param name="Offset">Where it begins, in characters.</param>
/// <param name="NextCursor">What the next one is asked for with; null behind the last.</param>
internal sealed record Page(ToolContent Content, string Text, int Offset, string? NextCursor);

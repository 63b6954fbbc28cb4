namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>What a tool's parameter is.</summary>
internal enum ParameterKind
{
    Text,
    Number,
    Flag,
    Texts,
    Map,
}

using System.Text.Json;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>What was found at the top of an explained connection.</summary>
/// <param name="Layers">Its layers.</param>
/// <param name="Failure">What broke there; null for nothing.</param>
internal sealed record ExplainFindings(IReadOnlyList<Layer> Layers, NetworkException? Failure)
{
    /// <summary>Writes what the document says of it beside the layers.</summary>
    public Action<Utf8JsonWriter>? Write { get; init; }

    /// <summary>What to try though nothing broke, one sentence each.</summary>
    public IReadOnlyList<string> Advice { get; init; } = [];
}

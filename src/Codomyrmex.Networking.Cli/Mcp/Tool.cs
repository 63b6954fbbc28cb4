namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>A tool as data: what models are told of it, what is checked, and what it does.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Description">What it does, for the model.</param>
/// <param name="Hints">What it may do.</param>
/// <param name="Parameters">What it takes.</param>
/// <param name="Result">The members of <c>result</c>, as a schema's <c>properties</c>.</param>
/// <param name="RunAsync">Does it.</param>
internal sealed record Tool(string Name, string Title, string Description, ToolHints Hints, Parameter[] Parameters, string Result, Func<ToolRun, Task<ToolAnswer>> RunAsync)
{
    /// <summary>Whether it reaches out, and so costs of the budget.</summary>
    public bool IsCharged { get; init; } = true;
}

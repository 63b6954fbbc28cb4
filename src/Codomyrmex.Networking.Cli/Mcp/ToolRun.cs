namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>One call of a tool: what was asked, what it may cost, and who waits for how long.</summary>
/// <param name="Arguments">What was asked.</param>
/// <param name="Host">The tools' surroundings.</param>
/// <param name="Lease">What it may cost.</param>
/// <param name="Progress">How far it is.</param>
/// <param name="Cancelled">Fires when the caller gives up, and when the time is over.</param>
internal sealed record ToolRun(ToolArguments Arguments, ToolHost Host, BudgetLease Lease, ProgressNotes Progress, CancellationToken Cancelled);

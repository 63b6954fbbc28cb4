namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>How a step of the demonstration went.</summary>
/// <param name="Step">The step.</param>
/// <param name="IsOk">Whether it did what it should.</param>
/// <param name="Detail">What happened.</param>
/// <param name="Elapsed">The time it took.</param>
internal sealed record DemoOutcome(DemoStep Step, bool IsOk, string Detail, TimeSpan Elapsed);

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>One thing that the demonstration shows.</summary>
/// <param name="Chapter">The part it belongs to.</param>
/// <param name="Title">What is shown.</param>
/// <param name="RunAsync">Does it and tells what happened; throws where that is not what should happen.</param>
internal sealed record DemoStep(string Chapter, string Title, Func<CancellationToken, Task<string>> RunAsync);

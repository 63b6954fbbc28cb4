namespace Codomyrmex.Networking.Benchmarks.Ssh;

/// <summary>What is measured, and in which figure.</summary>
/// <param name="Name">Its name in the report and for <c>--only</c>.</param>
/// <param name="Verb">What a worker is told.</param>
/// <param name="Unit">The figure's unit.</param>
/// <param name="Figure">The figure of a run of so many seconds.</param>
/// <param name="IsMoreBetter">Whether a larger figure is the better one.</param>
internal sealed record SshTask(string Name, string Verb, string Unit, Func<double, double> Figure, bool IsMoreBetter);

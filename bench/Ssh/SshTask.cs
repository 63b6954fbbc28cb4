namespace Codomyrmex.Networking.Benchmarks.Ssh;

/// <summary>What is measured, and in which figure.</summary>
/// <param name="Name">Its name in the report and for <c>--only</c>.</param>
/// <param name="Verb">What a worker is told.</param>
/// <param name="Unit">The figure's unit.</param>
/// <param name="Figure">The figure of a run of so many seconds.</param>
/// <param name="IsMoreBetter">Whether a larger figure is the better one.</param>
internal sealed record SshTask(string Name, string Verb, string Unit, Func<double, double> Figure, bool IsMoreBetter)
{
    /// <summary>The rounds, where they are not those of the command line; then nothing warms up.</summary>
    public int? Rounds { get; init; }

    /// <summary>How many times better than <see cref="Peer"/> ours is to be at least; null for no goal.</summary>
    public double? Goal { get; init; }

    /// <summary>Whom the goal is measured by, several with blanks between.</summary>
    public string Peer { get; init; } = "";
}

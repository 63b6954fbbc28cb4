namespace Codomyrmex.Networking.Benchmarks.Suite;

/// <summary>The same work for several peers, round by round, and what came of it.</summary>
/// <remarks>
/// Where a client has enough to do to fill its core (<paramref name="fillsCore"/>), a run in which it did not was disturbed by another
/// program. Such a scenario is run in short slices, and where enough of them were undisturbed, only those count.
/// </remarks>
internal sealed class Scenario(
    string name, string title, string url, int concurrency, long bodyBytes, IReadOnlyList<IPeer> peers, bool fillsCore = false)
{
    private const double Slice = 0.1;
    private const double FullShare = 0.85;
    private const int Enough = 5;

    private readonly Dictionary<string, List<Sample>> _samples = peers.ToDictionary(peer => peer.Name, _ => new List<Sample>());

    public string Name => name;

    public string Title => title;

    public IReadOnlyList<string> Peers { get; } = [.. peers.Select(peer => peer.Name)];

    /// <summary>The runs of a peer that count.</summary>
    public IReadOnlyList<Sample> Of(string peer) => IsUndisturbed(peer) ? Undisturbed(peer) : All(peer);

    public IReadOnlyList<Sample> All(string peer) => _samples.GetValueOrDefault(peer) ?? [];

    /// <summary>Whether enough runs of a peer had the core to themselves.</summary>
    public bool IsUndisturbed(string peer) => fillsCore && Undisturbed(peer).Count >= Enough;

    public double Median(string peer, Func<Sample, double> figure) => Statistics.Median(Of(peer).Select(figure));

    /// <summary>One peer against another; NaN where one of them is missing.</summary>
    public double Ratio(string peer, string against, Func<Sample, double> figure) => IsUndisturbed(peer) && IsUndisturbed(against)
        ? Median(peer, figure) / Median(against, figure)
        : Statistics.MedianRatio([.. All(peer).Select(figure)], [.. All(against).Select(figure)]);

    public async Task RunAsync(Settings settings)
    {
        foreach (var peer in peers)
            await peer.WarmUpAsync(url, concurrency, settings.IsQuick ? 1 : 3);
        var seconds = fillsCore ? Math.Min(Slice, settings.Seconds) : settings.Seconds;
        var rounds = (int)Math.Round(settings.Rounds * settings.Seconds / seconds);
        for (var round = 0; round < rounds; round++)
        {
            // Each round begins elsewhere, so that no peer always follows the same one.
            for (var i = 0; i < peers.Count; i++)
            {
                var peer = peers[(i + round) % peers.Count];
                if (round % Math.Ceiling(Math.Max(1, peer.ShortestRun / seconds)) == 0)
                    await MeasureAsync(peer, seconds);
            }
        }
    }

    private List<Sample> Undisturbed(string peer) => [.. All(peer).Where(sample => sample.CoreShare >= FullShare)];

    private async Task MeasureAsync(IPeer peer, double seconds)
    {
        var sample = await peer.RunAsync(url, concurrency, seconds);
        if (sample.BodyBytes != bodyBytes * sample.Requests)
            throw new InvalidOperationException($"{name}, {peer.Name}: {sample.Requests} requests gave {sample.BodyBytes} bytes, not {bodyBytes} each.");
        _samples[peer.Name].Add(sample);
    }
}

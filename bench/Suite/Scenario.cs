namespace Codomyrmex.Networking.Benchmarks.Suite;

/// <summary>The same work for several peers, round by round, and what came of it.</summary>
internal sealed class Scenario(string name, string title, string url, int concurrency, long bodyBytes, IReadOnlyList<IPeer> peers)
{
    private readonly Dictionary<string, List<Sample>> _samples = peers.ToDictionary(peer => peer.Name, _ => new List<Sample>());

    public string Name => name;

    public string Title => title;

    public IReadOnlyList<string> Peers { get; } = [.. peers.Select(peer => peer.Name)];

    public IReadOnlyList<Sample> Of(string peer) => _samples.GetValueOrDefault(peer) ?? [];

    public double Median(string peer, Func<Sample, double> figure) => Statistics.Median(Of(peer).Select(figure));

    /// <summary>One peer against another; NaN where one of them is missing.</summary>
    public double Ratio(string peer, string against, Func<Sample, double> figure) =>
        Statistics.MedianRatio([.. Of(peer).Select(figure)], [.. Of(against).Select(figure)]);

    public async Task RunAsync(Settings settings)
    {
        foreach (var peer in peers)
            await peer.RunAsync(url, concurrency, settings.IsQuick ? 1 : 3);
        for (var round = 0; round < settings.Rounds; round++)
        {
            // Each round begins elsewhere, so that no peer always follows the same one.
            for (var i = 0; i < peers.Count; i++)
                await MeasureAsync(peers[(i + round) % peers.Count], settings.Seconds);
        }
    }

    private async Task MeasureAsync(IPeer peer, double seconds)
    {
        var sample = await peer.RunAsync(url, concurrency, seconds);
        if (sample.BodyBytes != bodyBytes * sample.Requests)
            throw new InvalidOperationException($"{name}, {peer.Name}: {sample.Requests} requests gave {sample.BodyBytes} bytes, not {bodyBytes} each.");
        _samples[peer.Name].Add(sample);
    }
}

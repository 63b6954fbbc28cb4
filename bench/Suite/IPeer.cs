namespace Codomyrmex.Networking.Benchmarks.Suite;

/// <summary>A client under measurement, in a process of its own.</summary>
internal interface IPeer : IAsyncDisposable
{
    string Name { get; }

    /// <summary>The least time that a run takes, in seconds; a peer that cannot do short runs sits out some rounds.</summary>
    double ShortestRun => 0;

    /// <summary>Gets everything that a run needs ready: compiled code, connections.</summary>
    async Task WarmUpAsync(string url, int concurrency, double seconds) => await RunAsync(url, concurrency, seconds);

    /// <summary>Sends requests to a URL for a while.</summary>
    Task<Sample> RunAsync(string url, int concurrency, double seconds);
}

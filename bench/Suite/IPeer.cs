namespace Codomyrmex.Networking.Benchmarks.Suite;

/// <summary>A client under measurement, in a process of its own.</summary>
internal interface IPeer : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Sends requests to a URL for a while.</summary>
    Task<Sample> RunAsync(string url, int concurrency, double seconds);
}

namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>One way of sending GET and having the whole body.</summary>
internal interface IHttpWork
{
    /// <summary>Sends one request; returns the size of the body.</summary>
    ValueTask<long> GetAsync(string url);
}

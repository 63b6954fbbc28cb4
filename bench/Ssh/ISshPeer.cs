namespace Codomyrmex.Networking.Benchmarks.Ssh;

/// <summary>A client under measurement, in a process of its own on the client's core.</summary>
internal interface ISshPeer : IAsyncDisposable
{
    string Name { get; }

    /// <summary>Does a task once: its seconds, and the processor time of the client; null where it does not do such tasks.</summary>
    Task<(double Seconds, double CpuSeconds)?> RunAsync(string verb);
}

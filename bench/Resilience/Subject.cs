using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Resilience;

/// <summary>
/// One way to send a request, measured round by round in CPU time of the process. What other programs add to a figure is never negative: the least of many
/// rounds is nearest to the truth.
/// </summary>
/// <param name="Name">What is on.</param>
/// <param name="Base">The name of the same without it; null for a base.</param>
/// <param name="SendAsync">Sends one request and lets go of the answer.</param>
internal sealed record Subject(string Name, string? Base, Func<ValueTask> SendAsync)
{
    private readonly List<double> _nanoseconds = [];
    private readonly List<double> _bytes = [];

    public double Nanoseconds => _nanoseconds.Min();

    public double Bytes => _bytes.Median();

    public async Task RunAsync(int requests, bool counts)
    {
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        var start = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < requests; i++)
            await SendAsync();
        var elapsed = Environment.CpuUsage.TotalTime - start;
        if (!counts)
            return;
        _nanoseconds.Add(elapsed.TotalNanoseconds / requests);
        _bytes.Add((double)(GC.GetTotalAllocatedBytes(precise: true) - allocated) / requests);
    }
}

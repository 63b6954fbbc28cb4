using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Codomyrmex.Networking.Benchmarks.Suite;

/// <summary>
/// A peer that lives as long as the suite and takes one run a line: <c>seconds concurrency url</c> in, a <see cref="Sample"/> out. A
/// process of its own keeps its garbage, its just-in-time code and its CPU time apart from the others'.
/// </summary>
internal sealed class WorkerPeer : IPeer
{
    private readonly Process _process;

    private WorkerPeer(string name, Process process) => (Name, _process) = (name, process);

    public string Name { get; }

    /// <summary>Starts a worker on the clients' core; null where its interpreter is missing.</summary>
    public static WorkerPeer? TryStart(string name, string program, params string[] arguments)
    {
        if (Programs.Find(program) is not { } path)
            return null;
        var start = new ProcessStartInfo("taskset", ["-c", Cores.Client, path, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return new WorkerPeer(name, Process.Start(start)!);
    }

    /// <summary>Starts one of our own workers.</summary>
    public static WorkerPeer StartOwn(string worker) => TryStart(worker, Environment.ProcessPath!, "worker", worker)!;

    public async Task<Sample> RunAsync(string url, int concurrency, double seconds)
    {
        await _process.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{seconds} {concurrency} {url}"));
        await _process.StandardInput.FlushAsync();
        var line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"The worker of {Name} ended.");
        return JsonSerializer.Deserialize(line, SampleJson.Default.Sample)!;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
    }
}

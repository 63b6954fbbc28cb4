using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Codomyrmex.Networking.Benchmarks.Suite;

/// <summary>
/// A peer that lives as long as the suite and takes one run a line: <c>seconds concurrency url</c> in, a <see cref="Sample"/> out. A
/// process of its own keeps its garbage, its just-in-time code and its CPU time apart from the others'.
/// </summary>
/// <remarks>
/// Two processes of one program differ by 10 to 20 % for as long as they live: how the code was compiled and where it lies in memory is
/// drawn at the start. So a peer can be several processes, which take the runs in turn. On a single core the runtime waits ten times as
/// long before it compiles hot code again, so that a warm-up of seconds would leave most of it in its slow form (the platform's own
/// comes compiled): the delay is set to what it is on machines with more cores.
/// </remarks>
internal sealed class WorkerPeer : IPeer
{
    private readonly Process[] _processes;
    private int _turn;

    private WorkerPeer(string name, Process[] processes) => (Name, _processes) = (name, processes);

    public string Name { get; }

    /// <summary>Starts a worker on the clients' core; null where its interpreter is missing.</summary>
    public static WorkerPeer? TryStart(string name, int processes, string program, params string[] arguments)
    {
        if (Programs.Find(program) is not { } path)
            return null;
        var start = new ProcessStartInfo("taskset", ["-c", Cores.Client, path, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["DOTNET_TC_DelaySingleProcMultiplier"] = "1";
        return new WorkerPeer(name, [.. Enumerable.Range(0, processes).Select(_ => Process.Start(start)!)]);
    }

    /// <summary>Starts one of our own workers.</summary>
    public static WorkerPeer StartOwn(string worker, int processes) => TryStart(worker, processes, Environment.ProcessPath!, "worker", worker)!;

    public async Task WarmUpAsync(string url, int concurrency, double seconds)
    {
        foreach (var process in _processes)
            await RunAsync(process, url, concurrency, seconds);
    }

    public Task<Sample> RunAsync(string url, int concurrency, double seconds) =>
        RunAsync(_processes[_turn++ % _processes.Length], url, concurrency, seconds);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            await EndAsync(process);
    }

    private async Task<Sample> RunAsync(Process process, string url, int concurrency, double seconds)
    {
        await process.StandardInput.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{seconds} {concurrency} {url}"));
        await process.StandardInput.FlushAsync();
        var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"The worker of {Name} ended.");
        return JsonSerializer.Deserialize(line, SampleJson.Default.Sample)!;
    }

    private static async Task EndAsync(Process process)
    {
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }
        process.Dispose();
    }
}

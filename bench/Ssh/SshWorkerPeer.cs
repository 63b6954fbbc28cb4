using System.Diagnostics;
using System.Globalization;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Ssh;

/// <summary>A client in .NET, in a process of its own that lives as long as the suite.</summary>
internal sealed class SshWorkerPeer : ISshPeer
{
    private readonly Process _process;

    public SshWorkerPeer(string name, string worker, SshPlace place)
    {
        Name = name;
        var start = new ProcessStartInfo("taskset", ["-c", Cores.Client, Environment.ProcessPath!, "ssh-worker", worker, .. place.Arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["DOTNET_TC_DelaySingleProcMultiplier"] = "1";
        _process = Process.Start(start)!;
    }

    public string Name { get; }

    public async Task<(double Seconds, double CpuSeconds)?> RunAsync(string verb)
    {
        if (Name != SshSuite.Ours && verb.StartsWith("far-", StringComparison.Ordinal))
            return null;
        await _process.StandardInput.WriteLineAsync(verb);
        await _process.StandardInput.FlushAsync();
        var line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"The worker of {Name} ended.");
        var figures = line.Split(' ').Select(figure => double.Parse(figure, CultureInfo.InvariantCulture)).ToArray();
        return (figures[0], figures[1]);
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

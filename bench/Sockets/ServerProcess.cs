using System.Diagnostics;
using System.Globalization;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Sockets;

/// <summary>A server under measurement, on the servers' core, and the load that is put on it from the clients' core.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;

    private ServerProcess(string name, Process process, int port) => (Name, _process, Port) = (name, process, port);

    public string Name { get; }

    public int Port { get; }

    public static async Task<ServerProcess> StartAsync(string name, params string[] command)
    {
        var start = new ProcessStartInfo("taskset", ["-c", Cores.Server, .. command]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["DOTNET_TC_DelaySingleProcMultiplier"] = "1";
        start.Environment["DOTNET_gcServer"] = "0";
        var process = Process.Start(start)!;
        var port = int.Parse(await process.StandardOutput.ReadLineAsync() ?? "", CultureInfo.InvariantCulture);
        return new ServerProcess(name, process, port);
    }

    /// <summary>Operations a second, microseconds of the median one, megabytes a second.</summary>
    public async Task<(double PerSecond, double P50, double Megabytes)> RunAsync(string load, string mode, double seconds)
    {
        var command = string.Create(CultureInfo.InvariantCulture, $"{load} {mode} {Port} {seconds}");
        var (output, _) = await Programs.RunOnClientCoreAsync(command);
        double[] figures = [.. output.Trim().Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        return (figures[0] / figures[1], figures[2], figures[3] / 1e6 / figures[1]);
    }

    /// <summary>What a connection costs that was used once and waits, in KiB of the process's memory.</summary>
    public async Task<double> IdleKibibytesAsync(string load, int connections)
    {
        var before = await ResidentAsync();
        var start = new ProcessStartInfo("taskset", ["-c", Cores.Client, load, "idle", Port.ToString(CultureInfo.InvariantCulture), connections.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var holder = Process.Start(start)!;
        await holder.StandardOutput.ReadLineAsync();
        var after = await ResidentAsync();
        holder.StandardInput.Close();
        await holder.WaitForExitAsync();
        return (after - before) / connections;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.Kill();
        _process.Dispose();
    }

    private async Task<double> ResidentAsync()
    {
        // A collection first: what is garbage already is no connection's.
        for (var i = 0; i < 3; i++)
        {
            await _process.StandardInput.WriteLineAsync();
            await _process.StandardInput.FlushAsync();
            await _process.StandardOutput.ReadLineAsync();
        }
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture);
    }
}

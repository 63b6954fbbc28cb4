using System.Diagnostics;
using System.Globalization;

namespace Codomyrmex.Networking.Benchmarks.Suite;

/// <summary>Programs that may or may not be installed.</summary>
internal static class Programs
{
    private static readonly string[] MoreFolders = ["/usr/sbin", "/sbin"];

    /// <summary>The path of a program; null where it is missing.</summary>
    public static string? Find(string name)
    {
        if (name.Contains('/'))
            return File.Exists(name) ? name : null;
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(MoreFolders);
        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>Runs a program on the clients' core to its end and says what it printed and the CPU time it took.</summary>
    public static async Task<(string Output, double CpuSeconds)> RunOnClientCoreAsync(string command)
    {
        // The shell's own clock is the one that also counts children that have ended.
        var start = new ProcessStartInfo("taskset", ["-c", Cores.Client, "bash", "-c", $"TIMEFORMAT='%U %S'; time {command}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        var times = (await error).Trim().Split('\n')[^1].Split(' ');
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{command}: exit code {process.ExitCode}: {await error}");
        return (output, times.Sum(time => double.Parse(time, CultureInfo.InvariantCulture)));
    }
}

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

    /// <summary>The path of a file of an npm package, which is installed where it is missing; null where that cannot be.</summary>
    public static string? NodeModule(string package, string file)
    {
        var folder = Path.Combine(Path.GetTempPath(), "codomyrmex-bench-node");
        var path = Path.Combine(folder, "node_modules", file);
        Directory.CreateDirectory(folder);
        var isThere = Find("node") is not null && Find("npm") is not null &&
            (File.Exists(path) || Succeeds("npm", "install", "--silent", "--no-audit", "--prefix", folder, package));
        return isThere ? path : null;
    }

    /// <summary>Whether a program runs to a good end; what it prints is thrown away.</summary>
    public static bool Succeeds(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

using System.Diagnostics;
using System.Globalization;

namespace Codomyrmex.Networking.Soak;

/// <summary>What a process holds: the heap after a collection and the resident memory in KiB, descriptors (without those of assemblies), threads, open connections.</summary>
internal sealed record Vitals(long Heap, long Resident, int Descriptors, int Threads, int Open)
{
    /// <summary>Those of this process.</summary>
    public static Vitals Take(int open)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return new Vitals(GC.GetTotalMemory(forceFullCollection: false) / 1024, Status("VmRSS:"), DescriptorsOf(Environment.ProcessId).Length, (int)Status("Threads:"), open);
    }

    /// <summary>The TCP sockets of a process that do not listen, as <c>ss</c> sees them.</summary>
    public static async Task<string[]> SocketsAsync(int process)
    {
        using var ss = Process.Start(new ProcessStartInfo("ss", ["-Htanp"]) { RedirectStandardOutput = true })!;
        var lines = await ss.StandardOutput.ReadToEndAsync();
        await ss.WaitForExitAsync();
        return [.. lines.Split('\n').Where(line => line.Contains($"pid={process},", StringComparison.Ordinal) && !line.StartsWith("LISTEN", StringComparison.Ordinal))];
    }

    /// <summary>What the descriptors of a process lead to; assemblies are opened when they are first needed, and stay so.</summary>
    public static string[] DescriptorsOf(int process) =>
        [.. Directory.GetFiles($"/proc/{process}/fd").Select(static path => new FileInfo(path).LinkTarget ?? "").Where(static path => !path.EndsWith(".dll", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static long Status(string name) =>
        long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
}

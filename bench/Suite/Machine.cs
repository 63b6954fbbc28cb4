using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Benchmarks.Suite;

/// <summary>What a result was measured on.</summary>
internal static class Machine
{
    public static string Description
    {
        get
        {
            var model = File.Exists("/proc/cpuinfo")
                ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
                : null;
            var load = File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";
            return $"{Environment.ProcessorCount} cores, {model ?? RuntimeInformation.ProcessArchitecture.ToString()}, " +
                $"{RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}; load average at the end {load}";
        }
    }
}

using System.Diagnostics;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Http;

/// <summary>A whole process for one request: curl and the command line of this library in turn.</summary>
internal sealed class ColdStart
{
    private readonly List<double> _curl = [];
    private readonly List<double> _codonet = [];

    public static string Binary { get; } = Path.Combine(Repository.Root, "artifacts", "codonet");

    public double CurlMilliseconds => Statistics.Median(_curl);

    public double CodonetMilliseconds => Statistics.Median(_codonet);

    public double Ratio => Statistics.MedianRatio(_codonet, _curl);

    /// <summary>Runs pairs; null with the reason where one of the two programs is missing or too young.</summary>
    public static async Task<(ColdStart? Result, string? Reason)> RunAsync(string url, int pairs)
    {
        if (Programs.Find("curl") is not { } curl)
            return (null, "curl is missing");
        if (!File.Exists(Binary))
            return (null, "artifacts/codonet is missing; ./dev build makes it");
        if (await TimeAsync(Binary, "get", url, "--json") is null)
            return (null, "artifacts/codonet has no 'get URL --json' yet");
        var result = new ColdStart();
        for (var i = 0; i < pairs; i++)
        {
            result._curl.Add((await TimeAsync(curl, "-s", url))!.Value);
            result._codonet.Add((await TimeAsync(Binary, "get", url, "--json"))!.Value);
        }
        return (result, null);
    }

    private static async Task<double?> TimeAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("taskset", ["-c", Cores.Client, program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var elapsed = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await error;
        return process.ExitCode == 0 ? elapsed : null;
    }
}

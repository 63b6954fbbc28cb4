using System.Diagnostics;
using System.Globalization;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.WebSockets;

/// <summary>The memory of a process that holds many connections on which nothing happens.</summary>
internal sealed record IdleConnections(int Count, double OwnKilobytes, double PlatformKilobytes)
{
    public static async Task<IdleConnections> MeasureAsync(int port, int count) =>
        new(count, await RunAsync(WebSocketWorks.Own, port, count), await RunAsync(WebSocketWorks.Platform, port, count));

    /// <summary>The other end: opens them, and prints what each has cost.</summary>
    public static async Task<int> HoldAsync(string name, string port, string count)
    {
        var url = $"ws://127.0.0.1:{port}/echo/64";
        // What the first ones load and compile is not theirs.
        var held = new List<IWebSocketWork> { await OpenAsync(name, url), await OpenAsync(name, url) };
        var before = Memory();
        var number = int.Parse(count, CultureInfo.InvariantCulture);
        for (var i = 0; i < number; i++)
            held.Add(await OpenAsync(name, url));
        Console.WriteLine(((Memory() - before) / 1024.0 / number).ToString(CultureInfo.InvariantCulture));
        GC.KeepAlive(held);
        return 0;
    }

    private static async Task<double> RunAsync(string name, int port, int count)
    {
        using var process = Process.Start(new ProcessStartInfo("taskset", ["-c", Cores.Client, Environment.ProcessPath!, "idle", name,
            port.ToString(CultureInfo.InvariantCulture), count.ToString(CultureInfo.InvariantCulture)])
        { RedirectStandardOutput = true })!;
        var line = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return double.Parse(line, CultureInfo.InvariantCulture);
    }

    private static async Task<IWebSocketWork> OpenAsync(string name, string url)
    {
        var work = WebSocketWorks.Make(name)!;
        await work.ConnectAsync(url, compresses: false);
        return work;
    }

    // The managed heap, compacted: what the connections hold, whatever the collector keeps in reserve.
    private static long Memory()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}

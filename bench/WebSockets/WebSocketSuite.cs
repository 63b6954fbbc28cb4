using System.Diagnostics;
using System.Globalization;
using Codomyrmex.Networking.Benchmarks.Http;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.WebSockets;

/// <summary>WebSocket clients side by side: one bare server on one core, one connection of each client on the other.</summary>
internal static class WebSocketSuite
{
    private const string Own = WebSocketWorks.Own;
    private const string Platform = WebSocketWorks.Platform;

    public static async Task<int> RunAsync(Settings settings)
    {
        using var server = StartServer(out var port);
        try
        {
            await using var peers = new WebSocketPeers(settings.IsQuick ? 1 : 3);
            var scenarios = Make($"ws://127.0.0.1:{port}", peers);
            foreach (var scenario in scenarios.Where(scenario => scenario.Name.Contains(settings.Only, StringComparison.Ordinal)))
            {
                Console.Error.WriteLine($"· {scenario.Title}");
                await scenario.RunAsync(settings);
            }
            var idle = "idle".Contains(settings.Only, StringComparison.Ordinal) ? await IdleConnections.MeasureAsync(port, settings.IsQuick ? 1_000 : 10_000) : null;
            var report = new WebSocketReport(settings, scenarios, Goals(scenarios), idle, peers.Missing);
            Console.WriteLine(settings.AsJson ? report.Json() : report.Markdown());
            if (!settings.IsQuick && settings.Only.Length == 0)
            {
                var date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
                await File.WriteAllTextAsync(Path.Combine(Repository.Root, "bench", "results", $"{date}-ws.md"), report.Markdown());
                Console.Error.WriteLine($"written: bench/results/{date}-ws.md");
            }
            return 0;
        }
        finally
        {
            server.Kill();
        }
    }

    private static Process StartServer(out int port)
    {
        var server = Process.Start(new ProcessStartInfo("taskset", ["-c", Cores.Server, Environment.ProcessPath!, "frame-server"]) { RedirectStandardOutput = true })!;
        port = int.Parse(server.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
        return server;
    }

    private static List<Scenario> Make(string server, WebSocketPeers peers)
    {
        string[] all = [Own, Platform, WebSocketWorks.Library, WebSocketWorks.Ws, WebSocketWorks.Undici, WebSocketWorks.Python];
        // undici takes 100 µs for a message out of a flood, in whatever way it is read: that says more about the flood.
        string[] receivers = [Own, Platform, WebSocketWorks.Library, WebSocketWorks.Ws, WebSocketWorks.Python];
        string[] senders = [.. all, WebSocketWorks.WsCorked];
        string[] compressing = [Own, Platform, WebSocketWorks.Ws, WebSocketWorks.Python];
        return
        [
            new("send-64", "Send 64-byte messages", server + "/sink/64", 1, 64, peers.Of(senders)),
            new("receive-64", "Receive 64-byte messages", server + "/flood/64", 1, 64, peers.Of(receivers)),
            new("echo-64", "64 bytes to and fro, one at a time", server + "/echo/64", 1, 64, peers.Of(all)),
            new("send-4096", "Send 4 KiB messages", server + "/sink/4096", 1, 4096, peers.Of(all)),
            new("receive-4096", "Receive 4 KiB messages", server + "/flood/4096", 1, 4096, peers.Of(receivers)),
            new("send-1048576", "Send 1 MiB messages", server + "/sink/1048576", 1, 1048576, peers.Of(Own, Platform)),
            new("receive-1048576", "Receive 1 MiB messages", server + "/flood/1048576", 1, 1048576, peers.Of(Own, Platform)),
            new("send-deflate", "Send 64-byte messages, compressed", server + "/sink/64/deflate", 1, 64, peers.Of(compressing)),
            new("receive-deflate", "Receive 64-byte messages, compressed", server + "/flood/64/deflate", 1, 64, peers.Of(compressing)),
        ];
    }

    private static List<Goal> Goals(List<Scenario> scenarios)
    {
        Scenario Of(string name) => scenarios.Single(scenario => scenario.Name == name);
        double Rate(string name) => Of(name).Median(Own, sample => sample.PerSecond);
        double Bytes(string name) => Of(name).Median(Own, sample => sample.AllocatedPerRequest ?? double.NaN);
        double Ratio(string name) => Of(name).Ratio(Own, Platform, sample => sample.PerSecond);
        return
        [
            new("64 bytes, sent messages/s", Rate("send-64"), 4e6, AtMost: false, IsRate: true),
            new("64 bytes, received messages/s", Rate("receive-64"), 15e6, AtMost: false, IsRate: true),
            new("64 bytes, bytes allocated for a message sent", Bytes("send-64"), 0.5, AtMost: true),
            new("64 bytes, bytes allocated for a message received", Bytes("receive-64"), 0.5, AtMost: true),
            new("4 KiB, sent messages/s", Rate("send-4096"), 6e5, AtMost: false, IsRate: true),
            new("4 KiB, received messages/s", Rate("receive-4096"), 5.5e5, AtMost: false, IsRate: true),
            new("1 MiB, sent: ours / ClientWebSocket", Ratio("send-1048576"), 1, AtMost: false),
            new("1 MiB, received: ours / ClientWebSocket", Ratio("receive-1048576"), 1, AtMost: false),
            new("64 bytes to and fro, p50: ours / ClientWebSocket", Of("echo-64").Ratio(Own, Platform, sample => sample.P50Microseconds ?? double.NaN), 1, AtMost: true),
            new("Compressed, sent: ours / ClientWebSocket", Ratio("send-deflate"), 1, AtMost: false),
            new("Compressed, received: ours / ClientWebSocket", Ratio("receive-deflate"), 1, AtMost: false),
        ];
    }
}

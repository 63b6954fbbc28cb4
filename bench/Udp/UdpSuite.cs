using System.Diagnostics;
using System.Globalization;
using System.Text;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Udp;

/// <summary>UDPClient beside the platform's socket and the same calls in C: datagrams of 64 bytes a second, sender and receiver on a core each.</summary>
internal static class UdpSuite
{
    private const string C = "C";
    private const string Own = "UDPClient";
    private const string Platform = "Socket";

    // Each role has its peers by the mode they are started in; goals are against C, and of the batch against the platform's single sends.
    private static readonly Row[] Rows =
    [
        new("send", "sent, a call each (send)", [(C, "sendto"), (Platform, "platform"), (Own, "one")], "–"),
        new("send", "sent, 64 of one length with a call", [(C, "sendmmsg"), (Platform, "platform"), (Own, "batch")], "0.95, and 2.5 × Socket"),
        new("send", "sent, 64 of many lengths with a call", [(C, "sendmmsg"), (Platform, "platform"), (Own, "mixed")], "0.95"),
        new("send", "sent, cut by the kernel (UDP_SEGMENT)", [(C, "gso"), (Platform, "platform"), (Own, "segments")], "0.95"),
        new("receive", "received on a thread of its own (recvfrom)", [(C, "recvfrom"), (Platform, "platform"), (Own, "loop")], "0.9"),
        new("receive", "received, a call each (ReceiveAsync)", [(C, "recvfrom"), (Platform, "platform"), (Own, "one")], "–"),
        new("receive", "received, 64 with a call (recvmmsg)", [(C, "recvmmsg"), (Platform, "platform"), (Own, "batch")], "–"),
    ];

    public static async Task<int> RunAsync(Settings settings)
    {
        var folder = Path.Combine(Repository.Root, "artifacts", "bench");
        Directory.CreateDirectory(folder);
        var peer = Path.Combine(folder, "udp_peer");
        if (!Programs.Succeeds("gcc", "-O2", "-o", peer, Path.Combine(Repository.Root, "bench", "Udp", "udp_peer.c")))
            throw new InvalidOperationException("gcc could not compile udp_peer.c.");
        var report = new StringBuilder();
        report.Append(CultureInfo.InvariantCulture, $"# Datagrams, {DateTime.UtcNow:yyyy-MM-dd}\n\n`./dev bench udp {settings.CommandLine}`\n\n");
        report.Append("Datagrams of 64 bytes a second on the loopback interface. Medians of interleaved rounds; ratios are medians of the rounds' ratios.\n");
        report.Append("The loopback interface never cuts what the kernel is to cut: that row says what the calls cost, not what a wire takes. Nor does the first row of batches, in which\n");
        report.Append("datagrams of one length pass through the kernel as one; C sends them with sendmmsg alone.\n\n");
        report.Append("| | C | Socket, async | UDPClient | ours to C | goal | ours to Socket |\n|---|---|---|---|---|---|---|\n");
        foreach (var row in Rows.Where(row => settings.Only.Length == 0 || row.Title.Contains(settings.Only, StringComparison.Ordinal)))
            await MeasureAsync(report, row, peer, settings);
        report.Append(CultureInfo.InvariantCulture, $"\n{Machine.Description}.\n");
        Console.WriteLine(report);
        if (!settings.IsQuick && settings.Only.Length == 0)
            await File.WriteAllTextAsync(Path.Combine(Repository.Root, "bench", "results", string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}-udp.md")), report.ToString());
        return 0;
    }

    private static async Task MeasureAsync(StringBuilder report, Row row, string peer, Settings settings)
    {
        var figures = row.Peers.ToDictionary(one => one.Name, _ => new List<double>());
        for (var round = 0; round < settings.Rounds; round++)
        {
            for (var i = 0; i < row.Peers.Length; i++)
            {
                var (name, mode) = row.Peers[(i + round) % row.Peers.Length];
                figures[name].Add(row.Role == "send" ? await SendAsync(name, mode, peer, settings) : await ReceiveAsync(name, mode, peer, settings));
            }
        }
        report.Append(CultureInfo.InvariantCulture, $"| {row.Title} | {Statistics.Text(figures[C].Median())} | {Statistics.Text(figures[Platform].Median())} | {Statistics.Text(figures[Own].Median())} ");
        report.Append(CultureInfo.InvariantCulture, $"| {Statistics.MedianRatio(figures[Own], figures[C]):0.00} | {row.Goal} | {Statistics.MedianRatio(figures[Own], figures[Platform]):0.00} |\n");
    }

    private static async Task<double> SendAsync(string name, string mode, string peer, Settings settings)
    {
        using var sink = Start(Cores.Server, peer, "sink");
        var port = (await sink.StandardOutput.ReadLineAsync())!;
        using var sender = Start(Cores.Client, Command(name, peer), [.. Arguments(name), "send", mode, port, Seconds(settings)]);
        var figure = Read(await sender.StandardOutput.ReadLineAsync());
        sink.StandardInput.Close();
        await sink.WaitForExitAsync();
        return figure;
    }

    private static async Task<double> ReceiveAsync(string name, string mode, string peer, Settings settings)
    {
        using var receiver = Start(Cores.Server, Command(name, peer), [.. Arguments(name), "receive", mode, Seconds(settings)]);
        var port = (await receiver.StandardOutput.ReadLineAsync())!;
        using var sender = Start(Cores.Client, peer, "send", "sendmmsg", port, "60");
        var figure = Read(await receiver.StandardOutput.ReadLineAsync());
        sender.Kill();
        await sender.WaitForExitAsync();
        return figure;
    }

    private static string Command(string name, string peer) => name == C ? peer : Environment.ProcessPath!;

    private static string[] Arguments(string name) => name == C ? [] : ["udp-worker"];

    private static string Seconds(Settings settings) => settings.Seconds.ToString(CultureInfo.InvariantCulture);

    private static Process Start(string core, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("taskset", ["-c", core, program, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_TC_DelaySingleProcMultiplier"] = "1";
        return Process.Start(start)!;
    }

    private static double Read(string? line)
    {
        var parts = (line ?? throw new InvalidOperationException("A peer ended without a figure.")).Split(' ');
        return double.Parse(parts[0], CultureInfo.InvariantCulture) / double.Parse(parts[1], CultureInfo.InvariantCulture);
    }

    private sealed record Row(string Role, string Title, (string Name, string Mode)[] Peers, string Goal);
}

using System.Diagnostics;
using System.Globalization;
using System.Text;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Sockets;

/// <summary>TCPServer with every limit on beside Kestrel with the same frames, raw sockets and a loop in C: one client in C loads them in turn.</summary>
internal static class SocketSuite
{
    private const string Own = "TCPServer";
    private const string Kestrel = "Kestrel, framed";
    private const string Plain = "Socket, raw";
    private const string Limit = "C, epoll";
    private const int IdleConnections = 8000;

    private static readonly (string Mode, string Title, string Unit, double Goal)[] Scenarios =
    [
        ("rtt", "round trip of 64 bytes, one connection", "µs", 1.8),
        ("many", "round trips of 64 bytes, 64 connections", "/s", 1.5),
        ("pipe", "frames of 64 bytes, one connection, pipelined", "/s", 5),
        ("churn", "connect, echo, close", "/s", 1.4),
        ("stream", "frames of 64 KiB, one connection", "MB/s", 2.4),
    ];

    public static async Task<int> RunAsync(Settings settings)
    {
        var folder = Path.Combine(Repository.Root, "artifacts", "bench");
        Directory.CreateDirectory(folder);
        var load = await CompileAsync(folder, "load");
        var servers = Path.Combine(Repository.Root, "bench", "SocketServers", "bin", "Release", "net10.0", "Codomyrmex.Networking.Benchmarks.SocketServers");
        (string Name, string[] Command)[] peers =
            [(Own, [servers, "own"]), (Kestrel, [servers, "kestrel"]), (Plain, [servers, "plain"]), (Limit, [await CompileAsync(folder, "epoll_server")])];
        var processes = new List<ServerProcess>();
        foreach (var (name, command) in peers)
            processes.Add(await ServerProcess.StartAsync(name, command));
        var report = new StringBuilder();
        report.Append(CultureInfo.InvariantCulture, $"# Sockets, {DateTime.UtcNow:yyyy-MM-dd}\n\n`./dev bench sockets {settings.CommandLine}`\n\n{Machine.Description}.\n");
        report.Append("Medians of interleaved rounds; ratios are medians of the rounds' ratios, more is better for us.\n\n");
        report.Append("| | ").AppendJoin(" | ", processes.Select(server => server.Name)).Append(" | ours to Kestrel | goal | ours to C |\n|---|").Append(string.Concat(Enumerable.Repeat("---|", processes.Count + 3))).Append('\n');
        try
        {
            foreach (var scenario in Scenarios.Where(scenario => settings.Only.Length == 0 || scenario.Mode.Contains(settings.Only, StringComparison.Ordinal)))
                await MeasureAsync(report, processes, load, scenario, settings);
            if (settings.Only.Length == 0 || settings.Only == "idle")
                await MeasureIdleAsync(report, peers[..^1], load);
        }
        finally
        {
            foreach (var server in processes)
                server.Dispose();
        }
        Console.WriteLine(report);
        if (!settings.IsQuick && settings.Only.Length == 0)
            await File.WriteAllTextAsync(Path.Combine(Repository.Root, "bench", "results", string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}-sockets.md")), report.ToString());
        return 0;
    }

    private static async Task MeasureAsync(StringBuilder report, List<ServerProcess> servers, string load, (string Mode, string Title, string Unit, double Goal) scenario, Settings settings)
    {
        var figures = servers.ToDictionary(server => server.Name, _ => new List<double>());
        foreach (var server in servers)
            await server.RunAsync(load, scenario.Mode, settings.IsQuick ? 0.5 : 1.5);
        for (var round = 0; round < settings.Rounds; round++)
        {
            for (var i = 0; i < servers.Count; i++)
            {
                var server = servers[(i + round) % servers.Count];
                var (perSecond, p50, megabytes) = await server.RunAsync(load, scenario.Mode, settings.Seconds);
                figures[server.Name].Add(scenario.Unit switch { "µs" => p50, "MB/s" => megabytes, _ => perSecond });
            }
        }
        double Ratio(string against) => scenario.Unit == "µs"
            ? Statistics.MedianRatio(figures[against], figures[Own])
            : Statistics.MedianRatio(figures[Own], figures[against]);
        report.Append(CultureInfo.InvariantCulture, $"| {scenario.Title}, {scenario.Unit} | ");
        report.AppendJoin(" | ", servers.Select(server => string.Create(CultureInfo.InvariantCulture, $"{figures[server.Name].Median():#,0.#}")));
        report.Append(CultureInfo.InvariantCulture, $" | {Ratio(Kestrel):0.00} | {scenario.Goal} | {Ratio(Limit):0.00} |\n");
    }

    private static async Task MeasureIdleAsync(StringBuilder report, (string Name, string[] Command)[] peers, string load)
    {
        var figures = new List<double>();
        foreach (var (name, command) in peers)
        {
            // Each in a process that did nothing before.
            using var server = await ServerProcess.StartAsync(name, command);
            await server.RunAsync(load, "many", 1);
            figures.Add(await server.IdleKibibytesAsync(load, IdleConnections));
        }
        report.Append("| connection that waits, KiB | ").AppendJoin(" | ", figures.Select(figure => figure.ToString("0.0", CultureInfo.InvariantCulture)));
        report.Append(CultureInfo.InvariantCulture, $" | – | {figures[1] / figures[0]:0.00} | at most 2 KB | – |\n");
    }

    private static async Task<string> CompileAsync(string folder, string name)
    {
        var program = Path.Combine(folder, name);
        using var compiler = Process.Start("gcc", ["-O2", "-pthread", "-o", program, Path.Combine(Repository.Root, "bench", "Sockets", name + ".c")]);
        await compiler.WaitForExitAsync();
        return compiler.ExitCode == 0 ? program : throw new InvalidOperationException($"gcc could not compile {name}.c.");
    }
}

using System.Globalization;
using System.Text;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Ssh;

/// <summary>This library, OpenSSH's clients and the bare engine against one OpenSSH server: large files, small files, commands, connections.</summary>
internal static class SshSuite
{
    public const string Ours = "SSHClient";
    private const string Engine = "SSH.NET";

    public static async Task<int> RunAsync(Settings settings)
    {
        var bytes = (settings.IsQuick ? 64 : 512) << 20;
        await using var place = await SshPlace.MakeAsync(bytes);
        ISshPeer[] peers =
        [
            new SshWorkerPeer(Ours, "ours", place), new SshWorkerPeer(Engine, "engine", place),
            new SshToolPeer("sftp", place), new SshToolPeer("scp", place), new SshToolPeer("ssh", place),
        ];
        SshTask[] tasks =
        [
            new($"upload of {bytes >> 20} MiB", "up", "MB/s", seconds => bytes / 1e6 / seconds, true) { Peer = "sftp scp", Goal = 1 },
            new($"download of {bytes >> 20} MiB", "down", "MB/s", seconds => bytes / 1e6 / seconds, true) { Peer = "sftp scp", Goal = 1 },
            new("upload of 2,000 files of 4 KiB", "small", "s", seconds => seconds, false) { Peer = "sftp", Goal = 1.3 },
            new("`true` on an open connection", "exec", "ms", seconds => seconds * 1000 / SshWorker.Commands, false) { Peer = "ssh", Goal = 1 / 0.6 },
            new("`true` 100 times at once on an open connection", "parallel", "ms for all", seconds => seconds * 1000, false),
            new("connection", "connect", "ms", seconds => seconds * 1000 / SshWorker.Connections, false),
            new($"upload of {place.FarBytes >> 20} MiB, {SshPlace.FarMilliseconds} ms away", "far-up", "MB/s", seconds => place.FarBytes / 1e6 / seconds, true) { Peer = "sftp", Goal = 1, Rounds = 3 },
            new($"download of {place.FarBytes >> 20} MiB, {SshPlace.FarMilliseconds} ms away", "far-down", "MB/s", seconds => place.FarBytes / 1e6 / seconds, true) { Peer = "sftp", Goal = 1, Rounds = 3 },
            new($"upload of {SshPlace.FarFiles} files of 4 KiB, {SshPlace.FarMilliseconds} ms away", "far-small", "s", seconds => seconds, false) { Peer = "sftp", Goal = 1, Rounds = 1 },
        ];
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# SSH, side by side, {DateTime.UtcNow:yyyy-MM-dd}").AppendLine();
        text.AppendLine($"`./dev bench ssh {settings.CommandLine}".TrimEnd() + "`").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Machine.Description}. OpenSSH's server on core {Cores.Server}, the client on core {Cores.Client}, files in memory, {SshPlace.Cipher}, {settings.Rounds} rounds in turn.");
        text.AppendLine("Figures are medians, ratios medians of the ratios within a round: above 1 is better for us. The time that a program takes to connect is taken off where the task is not to connect.");
        text.AppendLine("Ours writes a new file under another name, forces it to the disk and renames it; the others write into the file.");
        try
        {
            foreach (var task in tasks.Where(task => task.Name.Contains(settings.Only, StringComparison.OrdinalIgnoreCase) || task.Verb.Contains(settings.Only, StringComparison.OrdinalIgnoreCase)))
                await MeasureAsync(text, task, peers, place, settings);
        }
        finally
        {
            foreach (var peer in peers)
                await peer.DisposeAsync();
        }
        Console.WriteLine(text);
        if (!settings.IsQuick && settings.Only.Length == 0)
            await File.WriteAllTextAsync(Path.Combine(Repository.Root, "bench", "results", $"{DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}-ssh.md"), text.ToString());
        return 0;
    }

    private static async Task MeasureAsync(StringBuilder text, SshTask task, ISshPeer[] peers, SshPlace place, Settings settings)
    {
        Console.Error.WriteLine($"· {task.Name}");
        var runs = peers.ToDictionary(peer => peer.Name, _ => new List<(double Seconds, double CpuSeconds)>());
        // The first two rounds warm up: compiled code, the page cache. What goes the long way is warm by then.
        for (var round = task.Rounds is null ? -2 : 0; round < (task.Rounds ?? settings.Rounds); round++)
        {
            for (var i = 0; i < peers.Length; i++)
            {
                var peer = peers[(i + round + 2) % peers.Length];
                place.Clear();
                if (await peer.RunAsync(task.Verb) is not { } run)
                    continue;
                place.Check(task.Verb, peer.Name);
                if (round >= 0)
                    runs[peer.Name].Add(run);
            }
        }
        text.AppendLine().AppendLine($"## {task.Name}").AppendLine();
        text.AppendLine($"| | {task.Unit} | CPU s | ours / theirs | CPU, ours / theirs | goal |").AppendLine("|---|---|---|---|---|---|");
        double[] own = [.. runs[Ours].Select(run => task.Figure(run.Seconds))];
        double[] ownCpu = [.. runs[Ours].Select(run => run.CpuSeconds)];
        foreach (var peer in peers.Where(peer => runs[peer.Name].Count > 0))
        {
            double[] figures = [.. runs[peer.Name].Select(run => task.Figure(run.Seconds))];
            double[] cpu = [.. runs[peer.Name].Select(run => run.CpuSeconds)];
            var ratio = task.IsMoreBetter ? Statistics.MedianRatio(own, figures) : Statistics.MedianRatio(figures, own);
            var isOwn = peer.Name == Ours;
            var goal = task.Goal is { } least && task.Peer.Split(' ').Contains(peer.Name) ? $"≥ {Statistics.Text(least)}: {(ratio >= least ? "reached" : "**missed**")}" : "";
            Console.Error.WriteLine($"{peer.Name}: {Statistics.Text(figures.Median())} {task.Unit} {goal}");
            text.AppendLine($"| {peer.Name} | {Statistics.Text(figures.Median())} | {Statistics.Text(cpu.Median())} | {(isOwn ? "" : Statistics.Text(ratio))} | {(isOwn ? "" : Statistics.Text(Statistics.MedianRatio(ownCpu, cpu)))} | {goal} |");
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Resilience;

/// <summary>What limiter, breaker, hedging and cache add to a request: ours beside Polly.Core's where it has them, in this process, over a handler that answers from memory.</summary>
internal static class ResilienceSuite
{
    // Threads of the pool that have nothing to do spin for a while: they would be counted for as long as the one that works takes.
    private const string SpinLimit = "DOTNET_ThreadPool_UnfairSemaphoreSpinLimit";

    private const double MostNanoseconds = 2000;
    private const double MostBytes = 300;

    public static async Task<int> RunAsync(Settings settings)
    {
        if (Environment.GetEnvironmentVariable(SpinLimit) != "0")
            return await WithoutSpinningAsync();
        var requests = settings.IsQuick ? 5_000 : 20_000;
        var rounds = settings.IsQuick ? 7 : Math.Max(settings.Rounds, 21);
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"# Resilience, side by side, {DateTime.UtcNow:yyyy-MM-dd}").AppendLine();
        text.AppendLine($"`./dev bench resilience {settings.CommandLine}".TrimEnd() + "`").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"One thread, one process, {requests:#,0} requests a round, {rounds} rounds in turn after a warm-up. ns are CPU time of the process,");
        text.AppendLine("whose idle threads do not spin, the least of the rounds, since other programs only add to it; bytes are medians of what the whole process allocates.");
        text.AppendLine("The limits are 2,000 ns and 300 B a request for each guard.");
        foreach (var isLate in (bool[])[false, true])
            await MeasureAsync(text, isLate, requests, rounds);
        text.AppendLine().AppendLine($"{Machine.Description}.");
        Console.WriteLine(text);
        if (!settings.IsQuick)
            await File.WriteAllTextAsync(Path.Combine(Repository.Root, "bench", "results", $"{DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}-resilience.md"), text.ToString());
        return 0;
    }

    private static async Task<int> WithoutSpinningAsync()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, Environment.GetCommandLineArgs().Skip(1));
        start.Environment[SpinLimit] = "0";
        using var suite = Process.Start(start)!;
        await suite.WaitForExitAsync();
        return suite.ExitCode;
    }

    private static async Task MeasureAsync(StringBuilder text, bool isLate, int requests, int rounds)
    {
        var subjects = Subjects.Make(isLate);
        foreach (var subject in subjects)
            await subject.RunAsync(Math.Max(requests, 20_000), counts: false);
        for (var round = 0; round < rounds; round++)
        {
            // Each round begins elsewhere, so that nobody always follows the same one.
            for (var i = 0; i < subjects.Count; i++)
                await subjects[(i + round) % subjects.Count].RunAsync(requests, counts: true);
        }
        text.AppendLine().AppendLine($"## Answers that come {(isLate ? "later, on another thread" : "at once")}").AppendLine();
        text.AppendLine("| | CPU ns/request | B/request | ns added | B added | ours / Polly's, ns · B | |").AppendLine("|---|---|---|---|---|---|---|");
        foreach (var subject in subjects)
            Append(text, subject, subjects);
    }

    private static void Append(StringBuilder text, Subject subject, IReadOnlyList<Subject> subjects)
    {
        text.Append(CultureInfo.InvariantCulture, $"| {subject.Name} | {subject.Nanoseconds:#,0} | {subject.Bytes:#,0} ");
        if (subject.Base is null)
        {
            text.AppendLine("| | | | base |");
            return;
        }
        var (added, bytes) = Added(subject, subjects);
        text.Append(CultureInfo.InvariantCulture, $"| {added:#,0} | {bytes:#,0} ");
        var pollys = subject.Base == Subjects.Ours ? subjects.FirstOrDefault(other => IsPeer(subject, other)) : null;
        text.Append(pollys is null ? "| " : $"| {Ratio(added, Added(pollys, subjects).Nanoseconds)} · {Ratio(bytes, Added(pollys, subjects).Bytes)} ");
        // Three guards may cost three times as much.
        var guards = subject.Name == "all three" ? 3 : 1;
        text.AppendLine(subject.Base == Subjects.Bare ? "| |" : added <= guards * MostNanoseconds && bytes <= guards * MostBytes ? "| within |" : "| **beyond** |");
    }

    private static (double Nanoseconds, double Bytes) Added(Subject subject, IReadOnlyList<Subject> subjects)
    {
        var other = subjects.First(candidate => candidate.Name == subject.Base);
        return (subject.Nanoseconds - other.Nanoseconds, subject.Bytes - other.Bytes);
    }

    private static string Ratio(double ours, double its) => its >= 1 ? (ours / its).ToString("0.00", CultureInfo.InvariantCulture) : "–";

    private static bool IsPeer(Subject ours, Subject other) => other.Base == Subjects.Bare && (other.Name == $"Polly: {ours.Name}" ||
        (ours.Name.StartsWith("limiter", StringComparison.Ordinal) && other.Name.Contains("limiter", StringComparison.Ordinal)));
}

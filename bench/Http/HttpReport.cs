using System.Globalization;
using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Benchmarks.Suite;
using Codomyrmex.Networking.Benchmarks.Workers;

namespace Codomyrmex.Networking.Benchmarks.Http;

/// <summary>The figures of a run: goals and ratios first, absolute figures after them.</summary>
internal sealed class HttpReport(Settings settings, IReadOnlyList<Scenario> scenarios, ColdStart? coldStart, IReadOnlyList<string> missing)
{
    private const double QuietShare = 0.8;
    private readonly IReadOnlyList<Goal> _goals = [.. HttpScenarios.Goals(scenarios, coldStart)];
    private readonly double _coreShare = HttpScenarios.CoreShare(scenarios);

    private bool IsBusy => _coreShare < QuietShare;

    public string Markdown()
    {
        var text = new StringBuilder();
        text.AppendLine($"# HTTP, side by side, {DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}").AppendLine();
        text.AppendLine($"`./dev bench http {settings.CommandLine}".TrimEnd() + "`").AppendLine();
        text.AppendLine($"{Machine.Description}. nginx on core {Cores.Server} with its files in memory, the client on core {Cores.Client}; each client in a");
        text.AppendLine($"process of its own (the .NET ones in {(settings.IsQuick ? 2 : 4)}, which take turns), warmed up, then {settings.Rounds} rounds in turn of {Statistics.Text(settings.Seconds)} s each. Ratios are medians of the ratios within a round, or of the least CPU times;");
        text.AppendLine("absolute figures are medians, and drift with the machine. CPU is user and system time of the client process.").AppendLine();
        if (IsBusy)
        {
            text.AppendLine($"**The machine was busy**: a client with nothing to wait for had {Statistics.Text(_coreShare)} of its core. Rates say nothing then; CPU ratios are rough;");
            text.AppendLine("bytes are exact. Undisturbed slices, where marked, hold all the same.").AppendLine();
        }
        text.AppendLine("| goal | measured | limit | |").AppendLine("|---|---|---|---|");
        foreach (var goal in _goals)
            text.AppendLine($"| {goal.What} | {(goal.IsMeasured ? Statistics.Text(goal.Value) : "–")} | {(goal.AtMost ? "≤" : "≥")} {Statistics.Text(goal.Limit)} | {goal.Verdict(IsBusy)} |");
        foreach (var scenario in scenarios.Where(scenario => scenario.Peers.Any(peer => scenario.Of(peer).Count > 0)))
            Append(text, scenario);
        if (coldStart is not null)
            text.AppendLine().AppendLine($"Cold start, one GET by a new process, median: curl {Statistics.Text(coldStart.CurlMilliseconds)} ms, codonet {Statistics.Text(coldStart.CodonetMilliseconds)} ms.");
        text.AppendLine().AppendLine($"Not measured: {string.Join(", ", missing)}.");
        return text.ToString();
    }

    public string Json() => JsonSerializer.Serialize(new
    {
        machine = Machine.Description,
        settings.Rounds,
        settings.Seconds,
        coreShare = double.IsFinite(_coreShare) ? _coreShare : (double?)null,
        goals = _goals.Select(goal => new { goal.What, value = goal.IsMeasured ? goal.Value : (double?)null, goal.Limit, goal.AtMost, verdict = goal.Verdict(IsBusy) }),
        scenarios = scenarios.Select(scenario => new { scenario.Name, peers = scenario.Peers.Select(peer => new { name = peer, samples = scenario.Of(peer) }) }),
        coldStart = coldStart is null ? null : new { coldStart.CurlMilliseconds, coldStart.CodonetMilliseconds, coldStart.Ratio },
        missing,
    }, new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true });

    private static void Append(StringBuilder text, Scenario scenario)
    {
        var own = scenario.Peers.First(peer => peer.StartsWith(HttpWorks.OwnPrefix, StringComparison.Ordinal));
        text.AppendLine().AppendLine($"## {scenario.Title}").AppendLine();
        if (scenario.IsUndisturbed(own))
            text.AppendLine($"Only slices in which the client had its core to itself: {scenario.Of(own).Count} of {scenario.All(own).Count} of ours.").AppendLine();
        text.AppendLine("| client | ours / it, req/s | ours / it, CPU | ours / it, least CPU | req/s | MB/s | CPU µs/request | least CPU | B/request | p50 µs | p99 µs |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var peer in scenario.Peers)
        {
            string Median(Func<Sample, double> figure) => Statistics.Text(scenario.Median(peer, figure));
            text.Append($"| {peer} ");
            text.Append($"| {Statistics.Text(scenario.Ratio(own, peer, sample => sample.PerSecond))} | {Statistics.Text(scenario.Ratio(own, peer, sample => sample.CpuMicroseconds))} ");
            text.Append($"| {Statistics.Text(LeastCpu(scenario, own) / LeastCpu(scenario, peer))} ");
            text.Append($"| {Median(sample => sample.PerSecond)} | {Median(sample => sample.MegabytesPerSecond)} ");
            text.Append($"| {Median(sample => sample.CpuMicroseconds)} | {Statistics.Text(LeastCpu(scenario, peer))} ");
            text.Append($"| {Median(sample => sample.AllocatedPerRequest ?? double.NaN)} ");
            text.AppendLine($"| {Median(sample => sample.P50Microseconds ?? double.NaN)} | {Median(sample => sample.P99Microseconds ?? double.NaN)} |");
        }
    }

    // What other programs on the machine add to a figure is never negative: the least of several is nearest to the truth.
    private static double LeastCpu(Scenario scenario, string peer) =>
        scenario.Of(peer).Select(sample => sample.CpuMicroseconds).DefaultIfEmpty(double.NaN).Min();
}

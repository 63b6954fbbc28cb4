using System.Globalization;
using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Benchmarks.Http;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.WebSockets;

/// <summary>The figures of a run: goals first, then each scenario.</summary>
internal sealed class WebSocketReport(Settings settings, IReadOnlyList<Scenario> scenarios, IReadOnlyList<Goal> goals, IdleConnections? idle, IReadOnlyList<string> missing)
{
    public string Markdown()
    {
        var text = new StringBuilder();
        text.AppendLine($"# WebSocket, side by side, {DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}").AppendLine();
        text.AppendLine($"`./dev bench ws {settings.CommandLine}".TrimEnd() + "`").AppendLine();
        text.AppendLine($"{Machine.Description}. A server that does as little as it can on core {Cores.Server}, one connection of a client on core {Cores.Client}; each client in a process of");
        text.AppendLine($"its own (the .NET ones in {(settings.IsQuick ? 1 : 3)}, which take turns), warmed up, then {settings.Rounds} rounds in turn of {Statistics.Text(settings.Seconds)} s each. Figures are medians; ratios are medians of the");
        text.AppendLine("ratios within a round. What is sent is timed until the server has counted it. Ours runs with its defaults: UTF-8 and frame checks, limits, pings, policy.").AppendLine();
        text.AppendLine("| goal | measured | limit | |").AppendLine("|---|---|---|---|");
        foreach (var goal in goals)
            text.AppendLine($"| {goal.What} | {Statistics.Text(goal.Value)} | {(goal.AtMost ? "≤" : "≥")} {Statistics.Text(goal.Limit)} | {goal.Verdict(isBusy: false)} |");
        foreach (var scenario in scenarios.Where(scenario => scenario.Peers.Any(peer => scenario.Of(peer).Count > 0)))
            Append(text, scenario);
        if (idle is not null)
        {
            text.AppendLine().AppendLine($"{idle.Count:#,0} idle connections in one process, managed memory of each: ours {Statistics.Text(idle.OwnKilobytes)} KiB, ClientWebSocket {Statistics.Text(idle.PlatformKilobytes)} KiB.");
        }
        if (missing.Count > 0)
            text.AppendLine().AppendLine($"Not measured: {string.Join(", ", missing)}.");
        return text.ToString();
    }

    public string Json() => JsonSerializer.Serialize(new
    {
        machine = Machine.Description,
        goals = goals.Select(goal => new { goal.What, value = goal.IsMeasured ? goal.Value : (double?)null, goal.Limit, goal.AtMost, verdict = goal.Verdict(isBusy: false) }),
        scenarios = scenarios.Select(scenario => new { scenario.Name, peers = scenario.Peers.Select(peer => new { name = peer, samples = scenario.Of(peer) }) }),
        idle,
        missing,
    }, new JsonSerializerOptions(JsonSerializerDefaults.Web) { WriteIndented = true });

    private static void Append(StringBuilder text, Scenario scenario)
    {
        text.AppendLine().AppendLine($"## {scenario.Title}").AppendLine();
        text.AppendLine("| client | ours / it | messages/s | MB/s | CPU µs/message | B/message | p50 µs | p99 µs |").AppendLine("|---|---|---|---|---|---|---|---|");
        foreach (var peer in scenario.Peers.Where(peer => scenario.Of(peer).Count > 0))
        {
            string Median(Func<Sample, double> figure) => Statistics.Text(scenario.Median(peer, figure));
            text.Append($"| {peer} | {Statistics.Text(scenario.Ratio(WebSocketWorks.Own, peer, sample => sample.PerSecond))} | {Median(sample => sample.PerSecond)} ");
            text.Append($"| {Median(sample => sample.MegabytesPerSecond)} | {Median(sample => sample.CpuMicroseconds)} | {Median(sample => sample.AllocatedPerRequest ?? double.NaN)} ");
            text.AppendLine($"| {Median(sample => sample.P50Microseconds ?? double.NaN)} | {Median(sample => sample.P99Microseconds ?? double.NaN)} |");
        }
    }
}

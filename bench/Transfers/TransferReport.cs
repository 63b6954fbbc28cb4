using System.Globalization;
using System.Text;
using Codomyrmex.Networking.Benchmarks.Suite;
using Codomyrmex.Networking.Benchmarks.Workers;

namespace Codomyrmex.Networking.Benchmarks.Transfers;

/// <summary>The figures of a run, ratios first.</summary>
internal static class TransferReport
{
    public static string Markdown(Settings settings, Scenario scenario)
    {
        var text = new StringBuilder();
        text.AppendLine($"# Transfers, side by side, {DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}").AppendLine();
        text.AppendLine($"`./dev bench transfers {settings.CommandLine}".TrimEnd() + "`").AppendLine();
        text.AppendLine($"{Machine.Description}. {scenario.Title}: nginx on core {Cores.Server}, the client on core {Cores.Client}, {settings.Rounds} rounds in turn.");
        text.AppendLine("Ours makes a new file beside the old one, forces it to the disk and replaces the old one; curl overwrites it. Ratios are medians of");
        text.AppendLine("the ratios within a round; CPU is user and system time of the client.").AppendLine();
        text.AppendLine("| ours / theirs | MB/s | CPU |").AppendLine("|---|---|---|");
        foreach (var (own, theirs) in ((string, string)[])[(HttpWorks.OwnFilePlain, TransferSuite.Curl), (HttpWorks.OwnFile, TransferSuite.CurlHashed), (HttpWorks.OwnFile, TransferSuite.Curl), (HttpWorks.OwnFileParallel, TransferSuite.Curl)])
            text.AppendLine($"| {own} / {theirs} | {Number(scenario.Ratio(own, theirs, sample => sample.MegabytesPerSecond))} | {Number(scenario.Ratio(own, theirs, sample => sample.CpuMicroseconds))} |");
        text.AppendLine().AppendLine("| client | MB/s, median | MB/s, best | CPU ms, median | CPU ms, least |").AppendLine("|---|---|---|---|---|");
        foreach (var peer in scenario.Peers)
        {
            var all = scenario.All(peer);
            text.AppendLine($"| {peer} | {Number(all.Select(sample => sample.MegabytesPerSecond).Median())} | {Number(all.Max(sample => sample.MegabytesPerSecond))} " +
                $"| {Number(all.Select(sample => sample.CpuMicroseconds / 1000).Median())} | {Number(all.Min(sample => sample.CpuMicroseconds) / 1000)} |");
        }
        return text.ToString();
    }

    private static string Number(double value) => value.ToString(Math.Abs(value) >= 100 ? "#,0" : "0.00", CultureInfo.InvariantCulture);
}

using System.Text.Json;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Native;

/// <summary>Scans by a process that has little: results stay exact, and the summary says what was short.</summary>
public class ScanLimitTests
{
    [Fact]
    public async Task Limit_of_64_open_files_slows_a_scan_and_changes_no_result()
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.ListenAsync("22,80,100-140,2999");
        var lines = await ToolRun.RunAsync("", "prlimit", "--nofile=64", CodonetExecutable.Path, "scan", lab.Address, "-p", "1-3000", "--mode", "connect", "--rate", "max", "--json");
        Assert.Equal([22, 80, .. Enumerable.Range(100, 41), 2999], Open(lines));
        Assert.Equal(2956, Summary(lines).GetProperty("closed").GetInt64());
    }

    [Fact]
    public async Task A_hundred_ephemeral_ports_are_enough()
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.ListenAsync("22,80,100-140,40050,65000");
        await lab.InsideAsync("sysctl", "-qw", "net.ipv4.ip_local_port_range=40000 40099");
        // From inside to itself, so that the probes' own ports are among those scanned.
        var lines = await lab.InsideAsync(CodonetExecutable.Path, "scan", "127.0.0.1", "-p", "all", "--mode", "connect", "--json");
        Assert.Equal([22, 80, .. Enumerable.Range(100, 41), 40050, 65000], Open(lines));
        Assert.Equal(65_535 - 45, Summary(lines).GetProperty("closed").GetInt64());
    }

    private static int[] Open(string lines) =>
        [.. Documents(lines).Where(static line => line.TryGetProperty("port", out _)).Select(static line => line.GetProperty("port").GetInt32()).Order()];

    private static JsonElement Summary(string lines) => Documents(lines).Last().GetProperty("summary");

    private static IEnumerable<JsonElement> Documents(string lines) =>
        lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement.Clone());
}

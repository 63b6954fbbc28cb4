using System.Diagnostics;
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
    public async Task A_hundred_ephemeral_ports_are_enough_and_no_probe_finds_itself()
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.ListenAsync("22,80,100-140,40050,65000");
        await lab.InsideAsync("sysctl", "-qw", "net.ipv4.ip_local_port_range=40000 40099");
        for (var i = 0; i < 5; i++)
        {
            // From inside to itself: the probes' own ports are among those scanned, and about one a scan meets itself.
            var lines = await lab.InsideAsync(CodonetExecutable.Path, "scan", "127.0.0.1", "-p", "all", "--mode", "connect", "--json");
            Assert.Equal([22, 80, .. Enumerable.Range(100, 41), 40050, 65000], Open(lines));
            Assert.Equal(65_535 - 45, Summary(lines).GetProperty("closed").GetInt64());
        }
    }

    [Fact]
    public async Task Killed_scan_goes_on_where_it_stopped()
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.ListenAsync("22,80,100-140,19000");
        using var folder = new ServerFolder();
        var journal = Path.Combine(folder.Path, "journal");
        string[] scan = ["scan", lab.Address, "-p", "1-20000", "--rate", "5000", "--resume", journal, "--json"];
        using var killed = Process.Start(new ProcessStartInfo(CodonetExecutable.Path, scan) { RedirectStandardOutput = true })!;
        for (var seen = 0; seen < 20; seen++)
            Assert.NotNull(await killed.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        killed.Kill(); // SIGKILL
        await killed.WaitForExitAsync(TestContext.Current.CancellationToken);

        var lines = await ToolRun.RunAsync("", CodonetExecutable.Path, [.. scan[..4], "--rate", "max", .. scan[6..]]);
        Assert.Equal([22, 80, .. Enumerable.Range(100, 41), 19000], Open(lines));
        Assert.Equal(20_000 - 44, Summary(lines).GetProperty("closed").GetInt64());
        // What a quarter of a second asked is asked again at most, with the canaries of the rest.
        Assert.True(Summary(lines).GetProperty("probes").GetInt64() < 18_000, Summary(lines).ToString());
    }

    private static int[] Open(string lines) =>
        [.. Documents(lines).Where(static line => line.TryGetProperty("port", out _)).Select(static line => line.GetProperty("port").GetInt32()).Order()];

    private static JsonElement Summary(string lines) => Documents(lines).Last().GetProperty("summary");

    private static IEnumerable<JsonElement> Documents(string lines) =>
        lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement.Clone());
}

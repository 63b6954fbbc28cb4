using System.Text.Json;
using Codomyrmex.Networking.Tests.Fleet.Fixtures;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>Four machines with a Redis, over mutual TLS, and what can happen to them while they scan: the findings are nmap's, each once, and the caps hold.</summary>
[Collection(LabFixture.Name)]
public sealed class ClusterTests(LabFixture lab)
{
    // Whatever waits for what never comes is a failure, not a standstill.
    private const int Patience = 120_000;
    private const string Ports = "1-99,443";
    private const int Rate = 1500;
    private const int PerHost = 12;
    private const int PerNetwork = 250;

    private static readonly string[] Caps = ["-p", Ports, "--rate", $"{Rate}", "--per-host", $"{PerHost}", "--per-network", $"{PerNetwork}", "--discover", "never"];

    private readonly FleetLab _lab = lab.Fleet;

    [Fact(Timeout = Patience)]
    public async Task One_two_and_four_machines_find_what_nmap_finds()
    {
        var expected = await ExpectedAsync();
        Assert.Equal(8 * (16 + 12 + 12), expected.Length);
        foreach (var count in (int[])[1, 2, 4])
        {
            await _lab.HaveMachinesAsync(count);
            await using var scan = _lab.Scan("-p", Ports, "--rate", "4000");
            Assert.Equal(expected, Found(await scan.EndAsync(TestContext.Current.CancellationToken)));
        }
    }

    [Fact(Timeout = Patience)]
    public async Task Machine_killed_in_mid_scan_costs_no_finding_and_no_cap()
    {
        await SurviveAsync(TestContext.Current.CancellationToken, async () =>
        {
            await _lab.Machine(4).DieAsync(TestContext.Current.CancellationToken);
            await _lab.SeesAsync(3000);
        });
    }

    [Fact(Timeout = Patience)]
    public async Task Redis_that_is_killed_and_comes_back_costs_no_finding_and_no_cap()
    {
        await SurviveAsync(TestContext.Current.CancellationToken, async () =>
        {
            await _lab.RestartStoreAsync();
            await _lab.SeesAsync(3000);
        });
    }

    [Theory(Timeout = Patience)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Machine_that_is_cut_off_and_comes_back_costs_no_finding_and_no_cap(bool byLink)
    {
        await SurviveAsync(TestContext.Current.CancellationToken, async () =>
        {
            await _lab.CutOffAsync(3, isCut: true, byLink);
            // Until its lease is over, if it had one.
            await Task.WhenAny(
                _lab.Machine(3).PrintsAsync(static line => line.Contains("is over: probing has stopped", StringComparison.Ordinal), TestContext.Current.CancellationToken),
                _lab.SeesAsync(4000));
            await _lab.SeesAsync(1000);
            await _lab.CutOffAsync(3, isCut: false, byLink);
        });
        // Given up by the others, it begins anew.
        await _lab.HaveMachinesAsync(4);
    }

    [Fact(Timeout = Patience)]
    public async Task Machine_that_stands_still_sends_nothing_late_when_it_goes_on()
    {
        await SurviveAsync(TestContext.Current.CancellationToken, async () =>
        {
            _lab.Machine(2).StandStill();
            await _lab.SeesAsync(6000);
            _lab.Machine(2).GoOn();
        });
        await _lab.HaveMachinesAsync(4);
    }

    /// <summary>A campaign with every cap, in the middle of which something happens: what is found and how fast is as if nothing had.</summary>
    private async Task SurviveAsync(CancellationToken stop, Func<Task> happens)
    {
        // What a failure shows beside its message.
        using var told = stop.Register(() => Tell(_lab.Story()));
        var expected = await ExpectedAsync();
        await _lab.HaveMachinesAsync(4);
        var before = _lab.Probes(0).Lines;
        await using var scan = _lab.Scan(Caps);
        Tell("Four machines scan.");
        await _lab.SeesAsync(4000);
        Tell("Now it happens.");
        await happens();
        Tell("It has happened.");
        Assert.Equal(expected, Found(await scan.EndAsync(stop)));
        var probes = _lab.Probes(before);
        Assert.Equal(4, probes.Machines.Count());
        probes.Holds(Rate, PerHost, PerNetwork);
    }

    private static void Tell(string text) => TestContext.Current.TestOutputHelper?.WriteLine(text);

    private async Task<string[]> ExpectedAsync() => lab.Expected ??= await _lab.NmapAsync(Ports);

    internal static string[] Found(string[] lines)
    {
        Assert.True(lines[^1].Contains("\"state\":\"completed\"", StringComparison.Ordinal), lines[^1]);
        var found = new List<string>();
        foreach (var line in lines[..^1])
        {
            using var finding = JsonDocument.Parse(line);
            found.Add($"{finding.RootElement.GetProperty("address").GetString()}:{finding.RootElement.GetProperty("port").GetInt32()}");
        }
        return [.. found.Order(StringComparer.Ordinal)];
    }
}

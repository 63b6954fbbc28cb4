using System.Diagnostics;
using System.Globalization;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Redis;

/// <summary>Processes of their own that share a limit over a real Redis: their sum stays within it, and its loss means to each what its option says.</summary>
public sealed class SharedByProcessesTests : IAsyncLifetime
{
    private readonly int _port = ServerProcess.FreePort();
    private readonly List<Process> _processes = [];
    private readonly List<long> _arrivals = [];
    private readonly LoopbackServer _server = LoopbackServer.Start();
    private ServerProcess _redis = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync(_port);
        _server.Map("GET", "/", exchange =>
        {
            lock (_arrivals)
                _arrivals.Add(Stopwatch.GetTimestamp());
            return exchange.RespondAsync(200, "ok");
        });
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await TestProcess.KillAsync(process, CancellationToken.None);
            process.Dispose();
        }
        await _redis.DisposeAsync();
        await _server.DisposeAsync();
    }

    private Process Start(string onLoss, int rate, int burst)
    {
        var process = TestProcess.Start("limited", _server.Url.ToString(), $"127.0.0.1:{_port}", onLoss, rate.ToString(CultureInfo.InvariantCulture), burst.ToString(CultureInfo.InvariantCulture));
        _processes.Add(process);
        return process;
    }

    private static async Task<string[]> SendAsync(Process process, int count)
    {
        await process.StandardInput.WriteLineAsync(count.ToString(CultureInfo.InvariantCulture).AsMemory(), Stop);
        await process.StandardInput.FlushAsync(Stop);
        return (await process.StandardOutput.ReadLineAsync(Stop))!.Split(' ');
    }

    [Fact]
    public async Task Sum_of_what_four_processes_send_stays_within_the_limit_also_when_one_is_killed()
    {
        const int Rate = 50;
        const int Burst = 5;
        const int Each = 30;
        var processes = Enumerable.Range(0, 4).Select(_ => Start("FailClosed", Rate, Burst)).ToArray();
        // All are up, and have a connection, before it counts.
        foreach (var process in processes)
            Assert.Equal(["200"], await SendAsync(process, 1));
        _arrivals.Clear();
        var sending = processes.Select(process => SendAsync(process, Each)).ToArray();
        await sending[0];
        // What it might have taken with it is no loan to the others, and no loss either.
        await TestProcess.KillAsync(processes[0], Stop);
        foreach (var outcomes in await Task.WhenAll(sending))
            Assert.All(outcomes, outcome => Assert.Equal("200", outcome));

        Assert.Equal(4 * Each, _arrivals.Count);
        _arrivals.Sort();
        // The first one was allowed before it arrived: that much later than allowed a later one may seem too early.
        const double OnTheWay = 0.25;
        for (var i = 0; i < _arrivals.Count; i++)
        {
            var allowed = Burst + (Rate * (Stopwatch.GetElapsedTime(_arrivals[0], _arrivals[i]).TotalSeconds + OnTheWay));
            Assert.True(i + 1 <= allowed, $"{i + 1} requests, {allowed:0.0} allowed");
        }
        // A limit of each alone would have let this end in a quarter of the time.
        Assert.InRange(Stopwatch.GetElapsedTime(_arrivals[0], _arrivals[^1]).TotalSeconds, (((4.0 * Each) - Burst) / Rate) - OnTheWay, 30);
    }

    [Fact]
    public async Task Killed_redis_fails_one_process_closed_and_lets_the_other_go_on_by_their_options()
    {
        var closed = Start("FailClosed", 1000, 100);
        var open = Start("FailOpen", 1000, 100);
        Assert.Equal(["200"], await SendAsync(closed, 1));
        Assert.Equal(["200"], await SendAsync(open, 1));
        _redis.Kill();
        Assert.Equal(["rate.store_unavailable", "rate.store_unavailable"], await SendAsync(closed, 2));
        Assert.Equal(["200", "200"], await SendAsync(open, 2));
        Assert.Equal(4, _arrivals.Count);

        await _redis.DisposeAsync();
        _redis = await RedisServer.StartAsync(_port);
        var outcome = "";
        for (var tries = 0; outcome != "200"; tries++)
        {
            Assert.InRange(tries, 0, 10_000);
            outcome = (await SendAsync(closed, 1))[0];
        }
    }
}

using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Fleet;
using Codomyrmex.Networking.Fleet.Cli.Commands;
using Codomyrmex.Networking.Fleet.Internal.Agents;
using Codomyrmex.Networking.Fleet.Internal.Campaigns;
using Codomyrmex.Networking.Fleet.Internal.Crawls;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Fleet.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>What is left of campaigns and crawls that are forgotten: nothing, wherever the machine keeps its state.</summary>
public sealed class ForgetTests
{
    private static readonly CampaignPlan Wide = new() { Targets = "127.0.0.1-16", Ports = PortSet.Parse("1-2000"), ProbesPerSecond = PortScannerOptions.Unlimited };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("file")]
    [InlineData("redis")]
    [InlineData("postgres")]
    public async Task What_is_over_is_forgotten_and_nothing_of_it_is_left_in_the_store(string kind)
    {
        await using var store = await FleetStore.StartAsync(kind);
        await using var server = ScriptedServer.Start((connection, stop) => connection.StallAsync(stop));
        await using var ring = SiteRing.Start(sites: 3, pages: 5);
        string resting;
        await using (var node = await FleetNode.StartAsync(store.Options, Stop))
        {
            var plan = new CampaignPlan { Targets = "127.0.0.1", Ports = PortSet.Of(server.Port, 1) };
            var fleet = node.Client;
            resting = await fleet.StartAsync(plan with { Targets = "127.0.0.9" }, Stop);
            var campaign = await fleet.StartAsync(plan, Stop);
            Assert.Single(await fleet.FindingsAsync(campaign, follow: true, Stop).ToListAsync(Stop));
            await fleet.ReplanAsync(campaign, plan with { Ports = PortSet.Of(server.Port, 2) }, Stop);
            await UntilOverAsync(fleet, campaign);
            var crawl = await fleet.StartAsync(Crawl(ring), Stop);
            Assert.Equal(15, await fleet.PagesAsync(crawl, follow: true, Stop).CountAsync(Stop));
            await UntilOverAsync(fleet, resting);
            await fleet.ReplanAsync(resting, Wide with { Ports = PortSet.All, ProbesPerSecond = 1 }, Stop);
            await fleet.PauseAsync(resting, Stop);

            var refused = await Assert.ThrowsAsync<NetworkException>(() => fleet.ForgetAsync(resting, Stop));
            Assert.Equal((ErrorCodes.FleetNoCampaign, $"The campaign '{resting}' is not over, so it cannot be forgotten.", $"End it first: codonet-fleet cancel {resting}"), (refused.Code, refused.Message, refused.Hint));
            Assert.Equal($"{{\"id\":\"{campaign}\",\"state\":\"forgotten\"}}\n", await RunAsync(store, "forget", campaign));
            await fleet.ForgetAsync(campaign, Stop);
            Assert.Equal($"{{\"id\":\"{crawl}\",\"state\":\"forgotten\"}}\n", await RunAsync(store, "forget", "--all"));

            var status = await fleet.GetStatusAsync(Stop);
            Assert.Equal((resting, 0), (Assert.Single(status.Campaigns).Id, status.Crawls.Count));
            foreach (var call in (Func<Task>[])
            [
                () => fleet.GetCampaignAsync(campaign, Stop), () => fleet.PauseAsync(campaign, Stop), () => fleet.ReplanAsync(campaign, plan, Stop),
                () => fleet.GetCrawlAsync(crawl, Stop), () => fleet.CancelAsync(crawl, Stop),
            ])
                Assert.Equal(ErrorCodes.FleetNoCampaign, (await Assert.ThrowsAsync<NetworkException>(call)).Code);

            // A machine that comes late learns that it is over, and what it still tells is nowhere written down.
            Assert.True((await node.Grains.GetGrain<ICampaignGrain>(campaign).RenewAsync(new RenewRequest { Machine = "late", Name = "late" })).IsOver);
            Assert.True((await node.Grains.GetGrain<ICrawlGrain>(crawl).RenewAsync(new CrawlRequest { Machine = "late", Name = "late" })).IsOver);
            await node.Grains.GetGrain<IShardGrain>(new ShardKey(0, 0).Of(campaign)).CommitAsync(new ShardCommit { Cells = 2, Closed = [1], Probes = 1 });
            var host = node.Grains.GetGrain<IHostGrain>(HostKey.Of(crawl, $"http://127.0.0.1:{ring.Servers[0].Port}"));
            await host.CommitAsync(new HostCommit { Opening = "late#1", Number = 1, MostUrls = 10 });
            await Assert.ThrowsAsync<InvalidOperationException>(() => host.OpenAsync("late"));
            Assert.False(await host.OfferAsync([new UrlEntry { Key = 1, Url = ring.Seed }], 10));
        }
        // The list of campaigns, and the one that is not over with its two plans and its shard.
        var keys = await store.KeysAsync();
        Assert.Equal(keys.Length - 1, keys.Count(key => key.Contains(resting, StringComparison.Ordinal)));
        Assert.Equal(2, keys.Count(key => key.Contains(resting + "/first", StringComparison.Ordinal) || key.Contains("plan/", StringComparison.Ordinal) && key.Contains(resting, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(16)]
    [InlineData(17)]
    public async Task Forgetting_that_was_interrupted_comes_to_its_end_when_it_is_asked_for_again(int clears)
    {
        // Of a crawl: its hosts' heads, greetings and lists, and three of its own. A campaign has more.
        const int Documents = (3 * 4) + 3;
        await using var store = await FleetStore.StartAsync("file");
        await using var ring = SiteRing.Start(sites: 4, pages: 3);
        FailingStorage disk = null!;
        string campaign, crawl;
        await using (var node = await FleetNode.StartAsync(store.Options with { Storage = storage => disk = new FailingStorage(storage) }, Stop))
        {
            campaign = await node.Client.StartAsync(Wide, Stop);
            await UntilOverAsync(node.Client, campaign);
            Assert.Equal(16, (await node.Client.GetCampaignAsync(campaign, Stop)).Shards);
            crawl = await node.Client.StartAsync(Crawl(ring), Stop);
            Assert.Equal(12, await node.Client.PagesAsync(crawl, follow: true, Stop).CountAsync(Stop));
            foreach (var id in (string[])[campaign, crawl])
            {
                disk.Clears = clears;
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
                if (id == campaign || clears < Documents)
                    await Assert.ThrowsAnyAsync<OperationCanceledException>(() => node.Client.ForgetAsync(id, patience.Token));
                else
                    await node.Client.ForgetAsync(id, Stop);
            }
        }
        Assert.InRange((await store.KeysAsync()).Length, 2, 40);
        await using (var node = await FleetNode.StartAsync(store.Options, Stop))
        {
            var status = await node.Client.GetStatusAsync(Stop);
            Assert.Equal((0, 0), (status.Campaigns.Count, status.Crawls.Count));
            Assert.Equal(clears < Documents ? [campaign, crawl] : [campaign], await node.Client.ForgetAllAsync(Stop));
            Assert.Empty(await node.Client.ForgetAllAsync(Stop));
        }
        Assert.Contains("fleet", Assert.Single(await store.KeysAsync()));
    }

    [Fact]
    public async Task What_is_cancelled_in_mid_work_and_forgotten_at_once_leaves_nothing_behind()
    {
        await using var store = await FleetStore.StartAsync("file");
        await using var ring = SiteRing.Start(sites: 4, pages: 100);
        await using (var node = await FleetNode.StartAsync(store.Options, Stop))
        {
            var campaign = await node.Client.StartAsync(Wide with { ProbesPerSecond = 5000 }, Stop);
            var crawl = await node.Client.StartAsync(Crawl(ring) with { Politeness = Politeness.Off with { Delay = TimeSpan.FromMilliseconds(20), Concurrency = 1 } }, Stop);
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while ((await node.Client.GetCampaignAsync(campaign, Stop)).CellsDone < 4000 || (await node.Client.GetCrawlAsync(crawl, Stop)).Pages < 10)
                await timer.WaitForNextTickAsync(Stop);
            foreach (var id in (string[])[campaign, crawl])
            {
                await node.Client.CancelAsync(id, Stop);
                await node.Client.ForgetAsync(id, Stop);
            }
            // The machine stops when it has told what it had found until then.
        }
        Assert.Contains("fleet", Assert.Single(await store.KeysAsync()));
    }

    [Fact]
    public async Task Machine_that_is_lost_meanwhile_is_asked_again_and_the_campaign_itself_goes_last()
    {
        var calls = new ConcurrentQueue<string>();
        var failures = 3;
        using var host = HostWith(
            FakeGrains.Make<ICampaignGrain>((method, _) => Said($"campaign {method}", method == nameof(ICampaignGrain.ForgetAsync) ? Task.FromResult(new CampaignRemains { Parts = [3, 2], Plans = ["x/first", "x/1"] }) : Task.CompletedTask)),
            FakeGrains.Make<IShardGrain>((method, _) => Interlocked.Decrement(ref failures) >= 0 ? Task.FromException(new TimeoutException()) : Said($"shard {method}", Task.CompletedTask)),
            FakeGrains.Make<IPlanGrain>((method, _) => Said($"plan {method}", Task.CompletedTask)));
        await using var fleet = FleetClient.Of(host);
        await fleet.ForgetAsync("x", Stop);
        Assert.Equal(["campaign ForgetAsync", .. Enumerable.Repeat("shard ForgetAsync", 5), .. Enumerable.Repeat("plan ForgetAsync", 2), "campaign ClearAsync"], calls);

        object Said(string call, Task answer)
        {
            calls.Enqueue(call);
            return answer;
        }
    }

    [Fact]
    public async Task Of_all_campaigns_those_that_go_on_are_left_alone()
    {
        var asked = new ConcurrentQueue<string>();
        using var host = HostWith(
            FakeGrains.Make<IFleetGrain>(static (_, _) => Task.FromResult<string[]>(["one", "c-two"])),
            FakeGrains.Make<ICampaignGrain>((method, _) =>
            {
                asked.Enqueue("campaign " + method);
                return Task.FromResult(new CampaignRemains { Refusal = new Refusal(ErrorCodes.FleetNoCampaign, "It goes on.", null) });
            }),
            FakeGrains.Make<ICrawlGrain>((method, _) =>
            {
                asked.Enqueue("crawl " + method);
                return method == nameof(ICrawlGrain.ForgetAsync) ? Task.FromResult(new CrawlRemains { Origins = ["http://a.test:80"] }) : Task.CompletedTask;
            }),
            FakeGrains.Make<IHostGrain>((method, _) =>
            {
                asked.Enqueue("host " + method);
                return Task.CompletedTask;
            }));
        await using var fleet = FleetClient.Of(host);
        Assert.Equal(["c-two"], await fleet.ForgetAllAsync(Stop));
        Assert.Equal(["campaign ForgetAsync", "crawl ForgetAsync", "host ForgetAsync", "crawl ClearAsync"], asked);
        Assert.Equal("It goes on.", (await Assert.ThrowsAsync<NetworkException>(() => fleet.ForgetAsync("one", Stop))).Message);
    }

    private static IHost HostWith(params object[] grains)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(FakeGrains.Of(grains));
        builder.Services.AddSingleton(new AgentSite { Machine = "here", Address = IPAddress.Loopback });
        return builder.Build();
    }

    private static CrawlPlan Crawl(SiteRing ring) => new()
    {
        Seeds = [ring.Seed],
        Scope = new CrawlScope { Hosts = ["127.0.0.1"] },
        Policy = EgressPolicy.Unrestricted,
        Politeness = Politeness.Off with { ObeyRobots = true, Concurrency = 4 },
    };

    private static async Task<string> RunAsync(FleetStore store, params string[] arguments)
    {
        using var output = new MemoryStream();
        var context = new CommandContext { Out = output, Error = Stream.Null, OpenInput = static () => Stream.Null, Interrupted = Stop };
        Assert.Equal(0, await Application.RunAsync([.. arguments, "--json", "--gateway", $"127.0.0.1:{store.Options.GatewayPort}"], context, FleetCommands.All));
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static async Task UntilOverAsync(FleetClient fleet, string id)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while ((await fleet.GetCampaignAsync(id, Stop)).State != CampaignState.Completed)
            await timer.WaitForNextTickAsync(Stop);
    }
}

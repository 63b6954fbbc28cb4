using Codomyrmex.Networking.Fleet.Internal.Campaigns;
using Codomyrmex.Networking.Fleet.Internal.Crawls;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Fleet.Internal.Work;

/// <summary>What a machine does while it is up: it asks which campaigns and crawls go on, and takes part in each.</summary>
internal sealed class FleetWorker(IGrainFactory grains, ILocalSiloDetails silo, FleetSite site, TimeProvider clock, ILogger<FleetWorker> logger) : BackgroundService
{
    private readonly Dictionary<string, (CampaignWork Work, Task Task)> _campaigns = [];
    private readonly Dictionary<string, (CrawlWork Work, Task Task)> _crawls = [];
    private volatile int _sharing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var machine = silo.SiloAddress.ToParsableString();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var report = new MachineReport
                {
                    Machine = machine,
                    Name = site.Name,
                    Rate = _campaigns.Values.Sum(static campaign => campaign.Work.Rate),
                    Lent = _campaigns.Values.Sum(static campaign => campaign.Work.Lent),
                    Shards = _campaigns.Values.Sum(static campaign => campaign.Work.Shards),
                    Hosts = _crawls.Values.Sum(static crawl => crawl.Work.Hosts),
                };
                var active = await grains.GetGrain<IFleetGrain>(0).PollAsync(report).WaitAsync(site.Timing.Call, clock, stoppingToken);
                foreach (var (ended, campaign) in _campaigns.Where(static campaign => campaign.Value.Task.IsCompleted).ToList())
                {
                    _campaigns.Remove(ended);
                    await campaign.Task;
                }
                foreach (var (ended, crawl) in _crawls.Where(static crawl => crawl.Value.Task.IsCompleted).ToList())
                {
                    _crawls.Remove(ended);
                    await crawl.Task;
                }
                foreach (var crawl in active.Where(crawl => CrawlId.Is(crawl) && !_crawls.ContainsKey(crawl)))
                {
                    var work = new CrawlWork(crawl, machine, grains, site, clock, logger);
                    _crawls[crawl] = (work, Task.Run(() => work.RunAsync(stoppingToken), CancellationToken.None));
                }
                var fresh = active.Where(campaign => !CrawlId.Is(campaign) && !_campaigns.ContainsKey(campaign)).ToList();
                _sharing = _campaigns.Count + fresh.Count;
                // Those that are there send less before another one sends anything.
                foreach (var (work, _) in _campaigns.Values)
                    work.Share();
                foreach (var campaign in fresh)
                {
                    var work = new CampaignWork(campaign, machine, grains, site, Share, clock, logger);
                    _campaigns[campaign] = (work, Task.Run(() => work.RunAsync(stoppingToken), CancellationToken.None));
                }
            }
            catch (Exception error)
            {
                if (stoppingToken.IsCancellationRequested)
                    break;
                logger.NotPolled(error);
            }
            await Task.Delay(site.Timing.Poll, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await Task.WhenAll([.. _campaigns.Values.Select(static campaign => campaign.Task), .. _crawls.Values.Select(static crawl => crawl.Task)]);
    }

    /// <summary>What the operator's cap leaves for each campaign; null for no cap.</summary>
    private double? Share() => site.ProbesPerSecond is { } cap ? (double)cap / Math.Max(1, _sharing) : null;
}

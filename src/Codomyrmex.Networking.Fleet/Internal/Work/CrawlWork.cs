using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Fleet.Internal.Crawls;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Fleet.Internal.Work;

/// <summary>
/// This machine's part in one crawl: it asks for hosts again and again, visits those that it is given, and asks nobody anything once its lease is over.
/// </summary>
internal sealed class CrawlWork(string crawl, string machine, IGrainFactory grains, FleetSite site, TimeProvider clock, ILogger logger)
{
    private const int HostsAtOnce = 64;
    private const int MostHosts = 256;

    private readonly FetchLease _lease = new(clock);
    private readonly Dictionary<int, HostRun> _runs = [];
    private readonly List<HostProgress> _ended = [];
    private ITimer? _timer;
    private Crawler? _crawler;
    private CrawlText? _plan;
    private long _sequence;
    private long _pagesBefore;

    /// <summary>Hosts that it has.</summary>
    public int Hosts => _runs.Count;

    /// <summary>Works until the crawl is over or the machine stops.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        await using var timer = clock.CreateTimer(_ => Lapse(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer = timer;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                var next = site.Timing.Renewal;
                try
                {
                    var reply = await RenewAsync(isLeaving: false);
                    if (reply.IsOver)
                        return;
                    next = reply.Next;
                }
                catch (Exception error) when (error is not OutOfMemoryException)
                {
                    logger.NotRenewed(crawl, error);
                }
                await Task.Delay(next, clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            await StopAsync();
        }
    }

    private async Task<CrawlReply> RenewAsync(bool isLeaving)
    {
        var asked = clock.GetTimestamp();
        // Before the hosts are looked at: a page that comes to be in their totals meanwhile counts twice, not never.
        var wants = Wants();
        var (underWay, left) = _lease.Look(wants);
        Collect();
        var hosts = _ended.Concat(Runs().Select(static run => run.Value.Progress).OfType<HostProgress>()).ToArray();
        var request = new CrawlRequest
        {
            Machine = machine,
            Name = site.Name,
            Sequence = ++_sequence,
            Held = [.. _runs.Keys],
            // A host that is left alone for a while costs nothing, and takes no other's place.
            Room = Math.Min(MostHosts, HostsAtOnce + Runs().Count(static run => run.Value.IsResting)),
            Hosts = hosts,
            UnderWay = underWay,
            Left = left,
            Wants = wants,
            NeedsPlan = _plan is null,
            IsLeaving = isLeaving,
        };
        var told = _ended.Count;
        var reply = await grains.GetGrain<ICrawlGrain>(crawl).RenewAsync(request).WaitAsync(site.Timing.Call, clock);
        if (reply.IsOver || reply.IsLease)
            _ended.RemoveRange(0, told);
        if (!reply.IsLease)
            return reply;
        if (reply.Plan is { } plan)
            (_plan, _crawler) = (plan, new Crawler(CrawlTexts.OptionsOf(plan, site, clock)));
        // Counted from before it asked: whoever gave the lease counts from later on.
        var until = asked + clock.Ticks(reply.Time);
        _lease.Allow(until, reply.Pages);
        _timer!.Change(clock.Span(until - clock.GetTimestamp()), Timeout.InfiniteTimeSpan);
        Follow(reply.Hosts);
        return reply;
    }

    private void Follow(HostName[] own)
    {
        lock (_runs)
        {
            foreach (var (_, run) in _runs.Where(run => !Array.Exists(own, host => host.Number == run.Key)))
                run.Stop();
            foreach (var host in own)
            {
                if (_runs.TryGetValue(host.Number, out var run))
                    run.Poke();
                else
                    _runs[host.Number] = new HostRun(crawl, host, _crawler!, _plan!, _lease, machine, grains, site, clock, logger);
            }
        }
    }

    /// <summary>Pages that could be begun until it asks again: as many as lately and some more, but not what others could begin at once.</summary>
    private int Wants()
    {
        var pages = Runs().Sum(static run => run.Value.Progress?.Totals.Pages ?? 0);
        var lately = Math.Max(0, pages - _pagesBefore);
        _pagesBefore = pages;
        return (int)Math.Min(100_000, (2 * lately) + (4L * _runs.Count * Math.Max(1, _plan?.Concurrency ?? 1)) + 4);
    }

    /// <summary>Takes up what has ended.</summary>
    private void Collect()
    {
        lock (_runs)
        {
            foreach (var (host, run) in _runs.Where(static run => run.Value.Work.IsCompleted).ToList())
            {
                _runs.Remove(host);
                if (run.Progress is { } progress)
                    _ended.Add(progress);
            }
        }
    }

    private void Lapse()
    {
        // Timers may be early, and clocks are not the same.
        if (_lease.Time is var left && left > TimeSpan.Zero)
        {
            _timer!.Change(left + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
            return;
        }
        var runs = Runs();
        if (runs.Length == 0)
            return;
        logger.CrawlLeaseOver(crawl);
        foreach (var (_, run) in runs)
            run.CutOff();
    }

    private KeyValuePair<int, HostRun>[] Runs()
    {
        lock (_runs)
            return [.. _runs];
    }

    private async Task StopAsync()
    {
        var runs = Runs();
        foreach (var (_, run) in runs)
            run.Stop();
        // When the lease ends, they are cut off.
        await Task.WhenAll(runs.Select(static run => run.Value.Work));
        try
        {
            await RenewAsync(isLeaving: true);
        }
        catch (Exception)
        {
            // The lease ends by itself.
        }
        if (_crawler is not null)
            await _crawler.DisposeAsync();
    }
}

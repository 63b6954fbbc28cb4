using System.Collections.Concurrent;
using System.Threading.Channels;
using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Crawling.Internal;
using Codomyrmex.Networking.Crawling.Internal.Storage;
using Codomyrmex.Networking.Fleet.Internal.Crawls;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Fleet.Internal.Work;

/// <summary>
/// One host on this machine, for as long as nothing is left to do there or until it is stopped. What is found is written down every second, and at once where the host asks to be left
/// alone or leads to one that was not met before; what lies on other hosts is told to those.
/// </summary>
internal sealed class HostRun
{
    private const int LastWords = 5;
    private const int HostsToldAtOnce = 16;

    // They are in one document, which is written with every commit: a page full of links to everywhere is told of before the next one is asked for.
    private const int MostToTell = 10_000;
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _cut = new();
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly string _crawl;
    private readonly HostName _host;
    private readonly Crawler _crawler;
    private readonly CrawlText _plan;
    private readonly FetchLease _lease;
    private readonly string _machine;
    private readonly IGrainFactory _grains;
    private readonly FleetSite _site;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly IHostGrain _grain;
    private readonly HostGate _gate;
    private readonly HostLog _log;
    private HostCommit? _unwritten;
    private HostCounters _counted = HostCounters.None;
    private DateTimeOffset _greetedAt;
    private List<UrlEntry> _outbox = [];
    private List<UInt128> _delivered = [];
    private string _opening = "";
    private long _number;
    private int _known;
    private int _written;

    public HostRun(string crawl, HostName host, Crawler crawler, CrawlText plan, FetchLease lease, string machine, IGrainFactory grains, FleetSite site, TimeProvider clock, ILogger logger)
    {
        (_crawl, _host, _crawler, _plan, _lease, _machine, _grains, _site, _clock, _logger) = (crawl, host, crawler, plan, lease, machine, grains, site, clock, logger);
        _grain = grains.GetGrain<IHostGrain>(HostKey.Of(crawl, host.Origin));
        _log = new HostLog(host.Origin, site.Name, Poke);
        _gate = new HostGate(lease, () => _log.Elsewhere + (_unwritten?.Elsewhere.Length ?? 0) + _outbox.Count > MostToTell);
        Work = Task.Run(RunAsync);
    }

    /// <summary>Ends when nothing more is asked, and what was found is written down.</summary>
    public Task Work { get; }

    /// <summary>Where the host stands, as it is written down.</summary>
    public HostProgress? Progress { get; private set; }

    /// <summary>Whether the host is left alone for a while.</summary>
    public bool IsResting { get; private set; }

    /// <summary>Begins nothing more; what is under way comes to its end.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Ends what is under way: the lease is over.</summary>
    public void CutOff()
    {
        _stop.Cancel();
        _cut.Cancel();
    }

    /// <summary>There may be leave again.</summary>
    public void Poke() => _signals.Writer.TryWrite(true);

    private async Task RunAsync()
    {
        try
        {
            var part = await OpenAsync();
            await using var run = _crawler.Begin(part, _cut.Token);
            await RunAsync(run);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        catch (Exception error)
        {
            _logger.HostFailed(_crawl, _host.Origin, error);
        }
        finally
        {
            _lease.Settle(_gate.Begun - _written);
        }
    }

    private async Task<HostPart> OpenAsync()
    {
        var opening = await CallAsync(() => _grain.OpenAsync(_machine), _stop.Token);
        (_opening, _outbox, _greetedAt) = (opening.Opening, [.. opening.Outbox], opening.Greeting.At);
        Progress = new HostProgress(_host.Number, opening.Totals, -1);
        var known = new List<StoredUrl>();
        while (known.Count < opening.Known)
        {
            var some = await CallAsync(() => _grain.UrlsAsync(known.Count), _stop.Token);
            if (some.Length == 0)
                break;
            known.AddRange(some.Select(static url => url.ToStored()));
        }
        _known = known.Count;
        var rules = opening.Greeting.Robots is { } robots ? RobotsRules.FromFile(robots) : null;
        // Whoever had the host may have asked it a moment ago.
        var pause = !opening.WasBegun ? TimeSpan.Zero : Longer(Longer(opening.Delay, _plan.Delay), Shorter(rules?.CrawlDelay ?? TimeSpan.Zero, _plan.MaxDelay));
        return new HostPart(_host.Origin, _log, _gate)
        {
            Seeds = _plan.Seeds,
            Known = known,
            Memory = new HostMemory
            {
                Rules = rules,
                IntroducedAt = opening.Greeting.At,
                NotFound = opening.Greeting.NotFound == 0 ? null : new PageSignature(opening.Greeting.NotFound, opening.Greeting.NotFoundTitle),
                Delay = opening.WasBegun ? opening.Delay : null,
                Wait = Longer(opening.Wait, pause),
                FailuresInARow = opening.FailuresInARow,
                Pages = (int)opening.Totals.Pages,
            },
            Changed = Poke,
        };
    }

    private async Task RunAsync(CrawlRun run)
    {
        var lane = run.Frontier.LaneOf(_host.Origin);
        var reading = ReadAsync(run);
        await using var stopping = _stop.Token.UnsafeRegister(static frontier => ((Frontier)frontier!).Stop(), run.Frontier);
        var isOver = false;
        while (!isOver && !reading.IsCompleted)
        {
            await WaitAsync(reading);
            run.Frontier.Wake();
            isOver = await TryWriteAsync(run, lane);
        }
        if (isOver)
            return;
        await reading;
        // It is all that is left of the run, so it is repeated for a while.
        for (var attempt = 0; attempt < LastWords; attempt++)
        {
            await TryWriteAsync(run, lane);
            if (_unwritten is null)
                return;
            await Task.Delay(_site.Timing.Checkpoint, _clock);
        }
    }

    /// <summary>Until it is time to write down, or something has happened.</summary>
    private async Task WaitAsync(Task reading)
    {
        using var enough = new CancellationTokenSource();
        var signal = _signals.Reader.ReadAsync(enough.Token).AsTask();
        await Task.WhenAny(reading, signal, Task.Delay(_site.Timing.Checkpoint, _clock, enough.Token));
        await enough.CancelAsync();
        await ((Task)signal).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ReadAsync(CrawlRun run)
    {
        try
        {
            await foreach (var page in run.Pages)
            {
                _log.Expect(page);
                run.Close(page);
                if (IsIdle(run))
                    Poke();
            }
        }
        catch (OperationCanceledException)
        {
            // It is cut off, or over.
        }
    }

    /// <summary>Writes down what there is, and tells other hosts.</summary>
    /// <returns>Whether nothing is left to do.</returns>
    private async Task<bool> TryWriteAsync(CrawlRun run, HostLane lane)
    {
        try
        {
            _unwritten ??= Collect(run, lane);
            var reply = await CallAsync(() => _grain.CommitAsync(_unwritten));
            var commit = _unwritten;
            _unwritten = null;
            var pages = commit.Entries.Count(static entry => entry.Page is not null);
            var isOver = commit.IsLast && reply.News.Length + reply.Outbox.Length == 0;
            _known = reply.Known;
            Progress = new HostProgress(_host.Number, reply.Totals, isOver ? reply.Known : -1);
            _written += pages;
            _lease.Settle(pages);
            run.Offer([.. reply.News.Where(static url => url.IsWaiting).Select(static url => url.ToStored())]);
            if (isOver)
                return true;
            _outbox.AddRange(commit.Elsewhere);
            if (commit.IsLast && reply.Outbox.Length > 0)
                _outbox = [.. reply.Outbox];
            await DeliverAsync();
            // The last word may be said at once.
            if (IsIdle(run))
                Poke();
        }
        catch (Exception error)
        {
            _logger.HostFailed(_crawl, _host.Origin, error);
        }
        return false;
    }

    private HostCommit Collect(CrawlRun run, HostLane lane)
    {
        // In this order: whatever comes in between is there for the next commit, and this one is not the last.
        var isIdle = IsIdle(run) && _outbox.Count == 0;
        var memory = run.Frontier.Remember(lane);
        IsResting = memory.Wait > Rest;
        var counters = HostCounters.Of(run.Statistics);
        var (entries, elsewhere) = _log.Take();
        var commit = new HostCommit
        {
            Opening = _opening,
            Number = ++_number,
            Known = _known,
            MostUrls = _plan.Urls,
            Entries = [.. entries],
            Elsewhere = [.. elsewhere],
            Delivered = [.. _delivered],
            Counters = counters.Plus(_counted, -1),
            Delay = memory.Delay ?? TimeSpan.Zero,
            Wait = memory.Wait,
            FailuresInARow = memory.FailuresInARow,
            IsPostponed = lane.IsPostponed,
            Greeting = memory.Rules is not null && memory.IntroducedAt != _greetedAt ? GreetingOf(memory) : null,
            IsLast = isIdle && elsewhere.Count == 0 && !_stop.IsCancellationRequested,
        };
        (_counted, _greetedAt, _delivered) = (counters, memory.IntroducedAt, []);
        return commit;
    }

    // What was begun and is not closed may be on its way to be.
    private bool IsIdle(CrawlRun run) => run.Frontier.IsIdle && _gate.Begun == _log.Pages;

    private async Task DeliverAsync()
    {
        var arrived = new ConcurrentQueue<UInt128>();
        try
        {
            await Parallel.ForEachAsync(_outbox.GroupBy(static url => Origins.Of(url.Url)), new ParallelOptions { MaxDegreeOfParallelism = HostsToldAtOnce }, async (host, stop) =>
            {
                UrlEntry[] urls = [.. host];
                await CallAsync(() => _grains.GetGrain<IHostGrain>(HostKey.Of(_crawl, host.Key)).OfferAsync(urls, _plan.Urls), stop);
                foreach (var url in urls)
                    arrived.Enqueue(url.Key);
            });
        }
        finally
        {
            var keys = arrived.ToHashSet();
            _outbox.RemoveAll(url => keys.Contains(url.Key));
            _delivered.AddRange(keys);
        }
    }

    private static GreetingDocument GreetingOf(HostMemory memory) => new()
    {
        Robots = memory.Rules!.ToFile(),
        At = memory.IntroducedAt,
        NotFound = memory.NotFound?.Structure ?? 0,
        NotFoundTitle = memory.NotFound?.Title ?? "",
    };

    private Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken stop = default) => call().WaitAsync(_site.Timing.Call, _clock, stop);

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}

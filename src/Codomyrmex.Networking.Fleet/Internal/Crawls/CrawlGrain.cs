using Codomyrmex.Networking.Fleet.Internal.Campaigns;
using Codomyrmex.Networking.Fleet.Internal.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <inheritdoc cref="ICrawlGrain"/>
/// <remarks>Which of several activations may give leases is <see cref="LeaseAuthority"/>'s to say. Every change of the hosts ends with the document, by which one that is not the one learns of it.</remarks>
internal sealed class CrawlGrain(
    [PersistentState("crawl")] IPersistentState<CrawlDocument> state,
    [PersistentState("plan")] IPersistentState<CrawlText> plan,
    IServiceProvider services, FleetSite site, TimeProvider clock, ILogger<CrawlGrain> logger) : Grain, ICrawlGrain
{
    private static readonly TimeSpan BetweenNotes = TimeSpan.FromSeconds(2);

    private readonly LeaseAuthority _authority = new(site.Timing, clock);
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<int, long> _versions = [];
    private StoredList<CrawlHost> _hosts = null!;
    private HostLedger _ledger = null!;
    private HostTotals _totals = HostTotals.None;
    private int _done;
    private long _version;
    private long _notedAt;
    private bool _hasEnded;

    private CrawlDocument Document => state.State;

    private string Id => this.GetPrimaryKeyString();

    private FleetTiming Timing => site.Timing;

    private bool Exists => state.RecordExists && !Document.IsForgotten;

    private bool IsOver => Document.State is CampaignState.Completed or CampaignState.Cancelled;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _hosts = new StoredList<CrawlHost>(services.GetRequiredKeyedService<IGrainStorage>("Default"), this.GetGrainId(), "hosts");
        _ledger = new HostLedger(clock, host => _hosts[host].IsDone);
        if (!state.RecordExists)
            return;
        // Before anything is read that another activation may still write.
        Document.Term++;
        await WriteAsync();
        if (!site.IsAlone)
            _authority.WaitForOthers();
        await _hosts.LoadAsync();
        _version = Document.Term << 32;
        for (var number = 0; number < _hosts.Count; number++)
            TakeUp(number);
    }

    public Task<bool> StartAsync(CrawlText text)
    {
        // Its name is a new one: whoever asks for it has asked before, and did not hear the answer.
        if (state.RecordExists)
            return Task.FromResult(true);
        return Guarded(async () =>
        {
            // First, so that whatever is written down can be found.
            await Fleet.AddAsync(Id);
            plan.State = text;
            await plan.WriteStateAsync();
            var origins = text.Seeds.Select(static seed => Origins.Of(seed)).Distinct(StringComparer.Ordinal).ToList();
            foreach (var origin in origins.Take(CrawlPlan.MostHosts))
                AddHost(origin, 0);
            Document.Refused = Math.Max(0, origins.Count - CrawlPlan.MostHosts);
            await _hosts.WriteAsync();
            Document.StartedAt = clock.GetUtcNow();
            await WriteAsync();
            return true;
        });
    }

    public async Task<Refusal?> SetStateAsync(CampaignState wanted)
    {
        if (!Exists)
            return new Refusal(ErrorCodes.FleetNoCampaign, $"There is no crawl '{Id}'.", "codonet-fleet status lists them.");
        if (IsOver && wanted != CampaignState.Cancelled)
            return new Refusal(ErrorCodes.FleetNoCampaign, $"The crawl '{Id}' is over.", null);
        if (Document.State != CampaignState.Completed && Document.State != wanted)
        {
            Document.State = wanted;
            Document.EndedAt = wanted == CampaignState.Cancelled ? clock.GetUtcNow() : null;
            await Guarded(WriteAllAsync);
        }
        if (IsOver)
            await EndAsync();
        else
            await Fleet.SetActiveAsync(Id, true);
        return null;
    }

    public async Task<CrawlRemains> ForgetAsync()
    {
        if (Exists && !IsOver)
            return new CrawlRemains { Refusal = new Refusal(ErrorCodes.FleetNoCampaign, $"The crawl '{Id}' is not over, so it cannot be forgotten.", $"End it first: codonet-fleet cancel {Id}") };
        if (Exists)
        {
            Document.IsForgotten = true;
            await Guarded(WriteAllAsync);
        }
        return new CrawlRemains { Origins = [.. Enumerable.Range(0, _hosts.Count).Select(number => _hosts[number].Origin)] };
    }

    public async Task ClearAsync()
    {
        if (Exists)
            return;
        await Guarded(async () =>
        {
            await _hosts.ClearAsync(CrawlPlan.MostHosts / StoredList<CrawlHost>.Length);
            if (plan.RecordExists)
                await plan.ClearStateAsync();
            if (state.RecordExists)
                await state.ClearStateAsync();
            return true;
        });
        // Last, so that it can be found for as long as there is anything.
        await Fleet.RemoveAsync(Id);
        DeactivateOnIdle();
    }

    public Task<bool> ExistsAsync() => Task.FromResult(Exists);

    public async Task<CrawlReply> RenewAsync(CrawlRequest request)
    {
        if (!Exists)
        {
            await Fleet.SetActiveAsync(Id, false);
            return new CrawlReply { IsOver = true };
        }
        _ledger.Expire();
        // Whatever is told of hosts is true, however late it comes.
        foreach (var progress in request.Hosts)
            Take(progress);
        if (!_ledger.Take(request, clock.GetTimestamp() + clock.Ticks(Timing.Lease + Timing.Margin)))
            return new CrawlReply { Next = Timing.Renewal };
        if (IsOver)
            return await EndAsync();
        if (!await HoldsAuthorityAsync())
            return new CrawlReply { Next = Timing.Renewal };
        if (IsExhausted())
        {
            Document.State = CampaignState.Completed;
            Document.EndedAt = clock.GetUtcNow();
            return await EndAsync();
        }
        if (!request.IsLeaving)
            return Lend(request);
        _ledger.Remove(request.Machine);
        return new CrawlReply { IsOver = true };
    }

    public Task<bool> WakeAsync(string origin, int urls) => Guarded(async () =>
    {
        if (!Exists)
            return false;
        if (!_numbers.TryGetValue(origin, out var number))
        {
            if (_hosts.Count >= CrawlPlan.MostHosts)
            {
                Document.Refused++;
                return false;
            }
            AddHost(origin, urls);
        }
        else
        {
            var host = _hosts[number];
            if (host.Woken >= urls)
                return true;
            _done -= host.IsDone ? 1 : 0;
            host.Woken = urls;
            _done += host.IsDone ? 1 : 0;
            _hosts.Set(number, host);
            if (!host.IsDone)
                _ledger.Free(number);
        }
        return await WriteAllAsync();
    });

    public Task<CrawlReport?> ReportAsync() => Task.FromResult(!Exists ? null : new CrawlReport
    {
        Id = Id,
        Name = plan.State.Name,
        State = (int)Document.State,
        StartedAt = Document.StartedAt,
        EndedAt = Document.EndedAt,
        Seeds = string.Join(' ', plan.State.Seeds.Take(20)),
        Hosts = _hosts.Count,
        HostsDone = _done,
        HostsRefused = Document.Refused,
        Totals = _totals,
        Waits = _authority.Waits.TotalSeconds,
        Machines = IsOver ? [] : [.. _ledger.All.Select(static one => new MachineReport { Machine = one.Machine, Name = one.Name, Hosts = one.Hosts }).OrderBy(static one => one.Name, StringComparer.Ordinal)],
    });

    public Task<FoundIndex<string>?> PagesAsync(long since)
    {
        if (!Exists)
            return Task.FromResult<FoundIndex<string>?>(null);
        var changed = _versions.Where(host => host.Value > since).Select(host => new FoundList<string>(_hosts[host.Key].Origin, (int)_hosts[host.Key].Totals.Pages)).ToArray();
        return Task.FromResult<FoundIndex<string>?>(new FoundIndex<string>(_version, changed, IsOver));
    }

    private IFleetGrain Fleet => GrainFactory.GetGrain<IFleetGrain>(0);

    private long PagesLeft => plan.State.Pages - _totals.Pages;

    // Where the pages are used up, what is under way may still come to nothing.
    private bool IsExhausted() => (_done == _hosts.Count && _ledger.IsQuiet) || (PagesLeft <= 0 && _ledger.Pages == 0) || _totals.Bytes >= plan.State.Bytes;

    private void AddHost(string origin, int urls)
    {
        _hosts.Add(new CrawlHost { Origin = origin, Woken = urls });
        TakeUp(_hosts.Count - 1);
    }

    private void TakeUp(int number)
    {
        var host = _hosts[number];
        _numbers[host.Origin] = number;
        _totals += host.Totals;
        if (host.Totals.Pages > 0)
            _versions[number] = ++_version;
        if (host.IsDone)
            _done++;
        else
            _ledger.Free(number);
    }

    private void Take(HostProgress progress)
    {
        if ((uint)progress.Host >= (uint)_hosts.Count)
            return;
        var host = _hosts[progress.Host];
        var isNews = progress.Totals.Pages > host.Totals.Pages;
        // What is written down does not become less: an older report is passed over.
        if (isNews || (progress.Totals.Pages == host.Totals.Pages && !progress.Totals.IsAs(host.Totals)))
        {
            _totals = _totals - host.Totals + progress.Totals;
            host.Totals = progress.Totals;
            _hosts.Set(progress.Host, host);
        }
        if (isNews)
            _versions[progress.Host] = ++_version;
        if (progress.DoneAt <= host.DoneAt)
            return;
        _done -= host.IsDone ? 1 : 0;
        host.DoneAt = progress.DoneAt;
        _done += host.IsDone ? 1 : 0;
        _hosts.Set(progress.Host, host);
    }

    // Written down before the machines are told, and what they tell when they end as well. An activation that is not the one learns of it then, and ends nothing.
    private async Task<CrawlReply> EndAsync()
    {
        if (!_hasEnded || _hosts.HasChanged)
        {
            await Guarded(WriteAllAsync);
            if (!_hasEnded)
                await Fleet.SetActiveAsync(Id, false);
            _hasEnded = true;
        }
        return new CrawlReply { IsOver = true };
    }

    private CrawlReply Lend(CrawlRequest request)
    {
        var now = clock.GetTimestamp();
        var time = TimeSpan.FromTicks(Math.Min(Timing.Lease.Ticks, _authority.Left.Ticks));
        var isRunning = Document.State == CampaignState.Running;
        var hosts = _ledger.Lend(request.Machine, isRunning ? request.Room : 0, now + clock.Ticks(time + Timing.Margin));
        return new CrawlReply
        {
            IsLease = true,
            Time = time,
            Hosts = [.. hosts.Select(host => new HostName(host, _hosts[host].Origin))],
            Pages = isRunning ? _ledger.LendPages(request.Machine, request.Wants, PagesLeft) : request.Left,
            // Many machines ask less often: a few hundred requests a second at most.
            Next = TimeSpan.FromTicks(Math.Clamp(TimeSpan.FromMilliseconds(3).Ticks * _ledger.Machines, Timing.Renewal.Ticks, Timing.Lease.Ticks / 3)),
            Plan = request.NeedsPlan ? plan.State : null,
        };
    }

    private async Task<bool> HoldsAuthorityAsync()
    {
        try
        {
            if (_authority.IsDue || (_hosts.HasChanged && clock.GetElapsedTime(_notedAt) > BetweenNotes))
                await WriteAllAsync();
        }
        catch (Exception error) when (error is not InconsistentStateException)
        {
            logger.StateNotWritten(Id, error);
        }
        return _authority.Holds;
    }

    private async Task<bool> WriteAllAsync()
    {
        _notedAt = clock.GetTimestamp();
        try
        {
            await _hosts.WriteAsync();
        }
        catch (InconsistentStateException)
        {
            GiveUp();
            throw;
        }
        await WriteAsync();
        return true;
    }

    private async Task WriteAsync()
    {
        var before = clock.GetTimestamp();
        try
        {
            await state.WriteStateAsync();
        }
        catch (InconsistentStateException)
        {
            GiveUp();
            throw;
        }
        _authority.Extend(before);
    }

    private void GiveUp()
    {
        _authority.Lose();
        DeactivateOnIdle();
    }

    private async Task<T> Guarded<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch
        {
            // What is in memory may not be on the disk.
            GiveUp();
            throw;
        }
    }
}

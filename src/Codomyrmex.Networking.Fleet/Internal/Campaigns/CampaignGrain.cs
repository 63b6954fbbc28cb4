using System.Security.Cryptography;
using Codomyrmex.Networking.Fleet.Internal.Planning;
using Codomyrmex.Networking.Scanning;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <inheritdoc cref="ICampaignGrain"/>
/// <remarks>Which of several activations may give leases is <see cref="LeaseAuthority"/>'s to say.</remarks>
internal sealed class CampaignGrain([PersistentState("campaign")] IPersistentState<CampaignDocument> state, FleetSite site, TimeProvider clock, ILogger<CampaignGrain> logger) : Grain, ICampaignGrain
{
    // A plan without names, and one with few, is there at once.
    private static readonly TimeSpan LookUpWait = TimeSpan.FromMilliseconds(100);

    private readonly LeaseAuthority _authority = new(site.Timing, clock);
    private readonly RateLedger _ledger = new(clock);
    private readonly CampaignMachines _machines = new();
    private readonly Dictionary<ShardKey, (int Count, long Version)> _findings = [];
    private readonly Dictionary<int, HashSet<int>> _aside = [];
    private readonly Dictionary<string, Task<ResolvedPlan>> _lookUps = [];
    private PlanDocument? _plan;
    private ScanScope? _scope;
    private long _hosts;
    private ShardQueue? _queue;
    private int _part;
    private bool _hasBegun;
    private bool _isNew;
    private bool _hasEnded;

    // Of another activation's versions, none is a beginning of these.
    private long _version = (long)RandomNumberGenerator.GetInt32(int.MaxValue) << 32;

    private CampaignDocument Document => state.State;

    private string Id => this.GetPrimaryKeyString();

    private FleetTiming Timing => site.Timing;

    // The key of the first plan, which whoever forgets a campaign knows though it never came to begin.
    private string FirstPlan => $"{Id}/first";

    private bool Exists => state.RecordExists && !Document.IsForgotten;

    private bool IsOver => Document.State is CampaignState.Completed or CampaignState.Cancelled;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!state.RecordExists)
        {
            _isNew = true;
            return;
        }
        if (Document.IsForgotten)
            return;
        Take(await GrainFactory.GetGrain<IPlanGrain>(Document.PlanKey).ReadAsync());
        foreach (var (part, index) in Document.Parts.Select(static (part, index) => (part, index)))
        {
            foreach (var (shard, count) in part.Findings)
                _findings[new ShardKey(index, shard)] = (count, ++_version);
        }
    }

    public async Task<PlanReply> PlanAsync(PlanText plan, string request, bool mustBeNew)
    {
        var prefix = $"{Id}/{request}-";
        // Whoever asks for what is there has asked before, and did not hear the answer.
        if (state.RecordExists && (mustBeNew || Document.PlanKey.StartsWith(prefix, StringComparison.Ordinal)))
            return new PlanReply();
        if (!mustBeNew && !Exists)
            return new PlanReply { Refusal = Unknown() };
        // Thousands of names take longer than a lease, so machines are answered meanwhile: nothing of the campaign changes before the names are there.
        if (!_lookUps.TryGetValue(request, out var lookUp))
            _lookUps[request] = lookUp = Task.Run(() => PlanBuilder.ResolveAsync(plan, site.Transport, clock, CancellationToken.None));
        await Task.WhenAny(lookUp, Task.Delay(LookUpWait, clock));
        if (!lookUp.IsCompleted)
            return new PlanReply { IsPending = true };
        _lookUps.Remove(request);
        ResolvedPlan resolved;
        try
        {
            resolved = await lookUp;
        }
        catch (NetworkException error)
        {
            return new PlanReply { Refusal = Refusal.Of(error) };
        }
        return await Guarded(async () =>
        {
            var key = mustBeNew ? FirstPlan : prefix + Guid.NewGuid().ToString("N");
            // Whatever is written down can be found by then: from the list, and from the campaign's own document.
            await Fleet.AddAsync(Id);
            if (!mustBeNew)
            {
                Document.Plans.Add(key);
                await WriteAsync();
            }
            var document = await GrainFactory.GetGrain<IPlanGrain>(key).WriteAsync(PlanBuilder.Build(resolved, _plan));
            Document.PlanKey = key;
            Document.PlanVersion = document.Version;
            if (mustBeNew)
                Document.StartedAt = clock.GetUtcNow();
            Document.State = CampaignState.Running;
            Document.EndedAt = null;
            AddParts(document);
            await WriteAsync();
            _hasEnded = false;
            Take(document);
            return new PlanReply();
        });
    }

    public async Task<Refusal?> SetStateAsync(CampaignState wanted)
    {
        if (!Exists)
            return Unknown();
        if (IsOver && wanted != CampaignState.Cancelled)
            return new Refusal(ErrorCodes.FleetNoCampaign, $"The campaign '{Id}' is over.", "Give it another plan, and it goes on with what is new in it.");
        if (Document.State != CampaignState.Completed && Document.State != wanted)
        {
            Document.State = wanted;
            Document.EndedAt = wanted == CampaignState.Cancelled ? clock.GetUtcNow() : null;
            await Guarded(WriteAsync);
        }
        if (IsOver)
            await EndAsync();
        else
            await Fleet.SetActiveAsync(Id, true);
        return null;
    }

    public async Task<CampaignRemains> ForgetAsync()
    {
        if (Exists && !IsOver)
            return new CampaignRemains { Refusal = new Refusal(ErrorCodes.FleetNoCampaign, $"The campaign '{Id}' is not over, so it cannot be forgotten.", $"End it first: codonet-fleet cancel {Id}") };
        if (Exists)
        {
            Document.IsForgotten = true;
            await Guarded(WriteAsync);
            (_plan, _queue) = (null, null);
            _findings.Clear();
        }
        return new CampaignRemains
        {
            Parts = [.. Document.Parts.Select(static part => part.Shards)],
            Plans = [.. Document.Plans.Append(FirstPlan).Append(Document.PlanKey).Where(static key => key.Length > 0).Distinct(StringComparer.Ordinal)],
        };
    }

    public async Task ClearAsync()
    {
        if (Exists)
            return;
        if (state.RecordExists)
            await Guarded(() => state.ClearStateAsync());
        // Last, so that it can be found for as long as there is anything.
        await Fleet.RemoveAsync(Id);
        DeactivateOnIdle();
    }

    public Task<bool> ExistsAsync() => Task.FromResult(Exists);

    public async Task<RenewReply> RenewAsync(RenewRequest request)
    {
        if (!Exists)
        {
            await Fleet.SetActiveAsync(Id, false);
            return new RenewReply { IsOver = true };
        }
        if (_plan is null)
            return new RenewReply { Next = Timing.Renewal };
        // What is written down of a shard is true, however late it is told.
        if (TakeProgress(request))
            _hasEnded = false;
        if (IsOver)
            return await EndAsync();
        if (!await HoldsAuthorityAsync() || !_machines.Take(request))
            return new RenewReply { Next = Timing.Renewal };
        foreach (var gone in _ledger.Expire())
            Forget(gone);
        OpenPart();
        if (_queue is not null)
            return request.IsLeaving ? Leave(request) : Lend(request);
        Document.State = CampaignState.Completed;
        Document.EndedAt = clock.GetUtcNow();
        return await EndAsync();
    }

    public Task<CampaignReport?> ReportAsync()
    {
        if (_plan is null)
            return Task.FromResult<CampaignReport?>(null);
        var totals = Document.Parts.Aggregate(ShardTotals.None, static (sum, part) => sum + part.Totals);
        var done = totals.Cells;
        foreach (var shard in Document.Parts.SelectMany(static part => part.UnderWay.Values))
        {
            totals += shard;
            done += shard.Done;
        }
        var text = _plan.Text!;
        return Task.FromResult<CampaignReport?>(new CampaignReport
        {
            Id = Id,
            Name = text.Name,
            State = (int)Document.State,
            PlanVersion = Document.PlanVersion,
            StartedAt = Document.StartedAt,
            EndedAt = Document.EndedAt,
            Targets = string.Join(' ', text.Targets.Take(100)),
            Ports = text.Ports,
            Hosts = _hosts,
            Shards = Document.Parts.Sum(static part => part.Shards),
            ShardsDone = Document.Parts.Sum(static part => part.Done.Sum(static bits => System.Numerics.BitOperations.PopCount(bits))),
            Totals = totals with { Cells = Document.Parts.Sum(static part => part.Cells) },
            Done = done,
            Cap = text.Rate is PortScannerOptions.Unlimited ? null : text.Rate,
            PerHost = text.PerHost,
            PerNetwork = text.PerNetwork,
            Lent = IsOver ? 0 : _ledger.Lent,
            Waits = _authority.Waits.TotalSeconds,
            Machines = IsOver ? [] : [.. _machines.All.Select(machine => new MachineReport
            {
                Machine = machine.Machine,
                Name = machine.Name,
                Rate = machine.Rate,
                Lent = _ledger.LentTo(machine.Machine),
                Shards = _queue?.Owners.Values.Count(owner => owner == machine.Machine) ?? 0,
            })],
        });
    }

    public Task<FoundIndex<ShardKey>?> FindingsAsync(long since)
    {
        if (_plan is null)
            return Task.FromResult<FoundIndex<ShardKey>?>(null);
        var known = since >> 32 == _version >> 32 ? since : 0;
        var changed = _findings.Where(shard => shard.Value.Version > known).Select(static shard => new FoundList<ShardKey>(shard.Key, shard.Value.Count)).ToArray();
        return Task.FromResult<FoundIndex<ShardKey>?>(new FoundIndex<ShardKey>(_version, changed, IsOver));
    }

    private IFleetGrain Fleet => GrainFactory.GetGrain<IFleetGrain>(0);

    private Refusal Unknown() => new(ErrorCodes.FleetNoCampaign, $"There is no campaign '{Id}'.", "codonet-fleet status lists them.");

    private void Take(PlanDocument plan)
    {
        _plan = plan;
        _scope = plan.Text!.Scope is { } scope ? ScanScope.Parse(scope) : null;
        _hosts = ScanTargets.Parse(plan.Targets).AddressCount;
        _ledger.Cap = plan.Text.Rate is { } rate and not PortScannerOptions.Unlimited ? rate : double.PositiveInfinity;
        AddParts(plan);
        // What an earlier plan did not ask may be asked again. Whoever has a shard keeps it.
        _queue?.Reopen();
        foreach (var aside in _aside.Values)
            aside.Clear();
        OpenPart();
    }

    private void AddParts(PlanDocument plan)
    {
        foreach (var part in plan.Parts.Skip(Document.Parts.Count))
            Document.Parts.Add(new PartDocument { Shards = part.Shards, Cells = part.Cells, Done = new byte[(part.Shards + 7) / 8] });
    }

    // One part after the other: two of them may have the same host, which must not be in two shards at a time.
    private void OpenPart()
    {
        if (_queue is { Left: > 0 })
            return;
        _queue = null;
        for (_part = 0; _part < Document.Parts.Count; _part++)
        {
            var part = Document.Parts[_part];
            if (!_aside.TryGetValue(_part, out var aside))
                _aside[_part] = aside = [];
            var queue = new ShardQueue(part.Shards, part.Done, aside, _plan!.Text!.Seed);
            if (queue.Left == 0)
                continue;
            _queue = queue;
            return;
        }
    }

    /// <returns>Whether any of it is news.</returns>
    private bool TakeProgress(RenewRequest request)
    {
        var isNews = false;
        foreach (var (key, totals, finishedBy) in request.Shards)
        {
            if (key.Part >= Document.Parts.Count || key.Shard >= Document.Parts[key.Part].Shards)
                continue;
            var part = Document.Parts[key.Part];
            if (part.IsDone(key.Shard))
                continue;
            if (totals.Open > 0 && (!_findings.TryGetValue(key, out var found) || found.Count < totals.Open))
            {
                _findings[key] = ((int)totals.Open, ++_version);
                part.Findings[key.Shard] = (int)totals.Open;
            }
            if (!totals.IsComplete)
            {
                if (totals != part.UnderWay.GetValueOrDefault(key.Shard, ShardTotals.None))
                    (part.UnderWay[key.Shard], isNews) = (totals, true);
                if (finishedBy == Document.PlanKey && key.Part == _part)
                    _queue?.SetAside(key.Shard);
                continue;
            }
            isNews = true;
            part.UnderWay.Remove(key.Shard);
            part.Totals += totals;
            if (_queue is not null && key.Part == _part)
                _queue.Finish(key.Shard);
            else
                part.Done[key.Shard >> 3] |= (byte)(1 << (key.Shard & 7));
        }
        return isNews;
    }

    // Written down before the machines are told, and what they tell when they end as well. An activation that is not the one learns of it then, and ends nothing.
    private async Task<RenewReply> EndAsync()
    {
        if (!_hasEnded)
        {
            await Guarded(WriteAsync);
            await Fleet.SetActiveAsync(Id, false);
            _hasEnded = true;
        }
        return new RenewReply { IsOver = true };
    }

    private RenewReply Lend(RenewRequest request)
    {
        var isRunning = Document.State == CampaignState.Running && !IsOutOfTime();
        if (!isRunning)
            _queue?.Return(request.Machine);
        else if (request.HasRoom)
            _queue!.Take(request.Machine);
        var own = _queue!.Owners.Where(owner => owner.Value == request.Machine).Select(owner => new ShardKey(_part, owner.Key)).ToArray();
        var now = clock.GetTimestamp();
        var time = TimeSpan.FromTicks(Math.Min(Timing.Lease.Ticks, _authority.Left.Ticks));
        var wants = own.Length == 0 ? 0 : request.Wants ?? double.PositiveInfinity;
        var (number, rate) = _ledger.Lend(request.Machine, request.Applied, wants, now + clock.Ticks(time + Timing.Margin));
        return new RenewReply
        {
            Number = number,
            Rate = rate,
            Time = time,
            PlanKey = Document.PlanKey,
            Shards = own,
            // Many machines ask less often: a few hundred requests a second at most.
            Next = TimeSpan.FromTicks(Math.Clamp(TimeSpan.FromMilliseconds(3).Ticks * _machines.Count, Timing.Renewal.Ticks, Timing.Lease.Ticks / 3)),
        };
    }

    private RenewReply Leave(RenewRequest request)
    {
        _ledger.Remove(request.Machine);
        Forget(request.Machine);
        return new RenewReply { IsOver = true };
    }

    private void Forget(string machine)
    {
        _queue?.Return(machine);
        _machines.Remove(machine);
    }

    private bool IsOutOfTime() => _scope?.CheckTime(clock.GetUtcNow()).IsAllowed == false;

    /// <summary>Whether this activation may give leases now.</summary>
    private async Task<bool> HoldsAuthorityAsync()
    {
        if (!_hasBegun)
        {
            if (!await TryWriteAsync())
                return false;
            _hasBegun = true;
            // Nobody else can have given any where the campaign is new, or where there is one machine alone.
            if (!_isNew && !site.IsAlone)
                _authority.WaitForOthers();
        }
        if (_authority.IsDue)
            await TryWriteAsync();
        return _authority.Holds;
    }

    private async Task<bool> TryWriteAsync()
    {
        try
        {
            await WriteAsync();
            return true;
        }
        catch (Exception error) when (error is not InconsistentStateException)
        {
            logger.StateNotWritten(Id, error);
            return false;
        }
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

    private Task Guarded(Func<Task> work) => Guarded(async () =>
    {
        await work();
        return true;
    });

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

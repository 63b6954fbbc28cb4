namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>
/// What waits, host by host, and whose turn it is. Hosts take turns; within one, what was found first goes first, which is the shortest way from a seed. Thread-safe.
/// </summary>
internal sealed class Frontier : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private readonly CrawlerOptions _options;
    private readonly Counters _counters;
    private readonly Dice _dice;
    private readonly HostPart? _part;
    private readonly Dictionary<string, HostLane> _lanes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HostLane>.AlternateLookup<ReadOnlySpan<char>> _lanesBySpan;
    private readonly Queue<HostLane> _ready = new();
    private readonly PriorityQueue<HostLane, long> _later = new();
    private readonly Queue<TaskCompletionSource<Visit?>> _idle = new();
    private readonly ITimer _timer;
    private int _waiting;
    private int _postponed;
    private int _busy;
    private int _budget;
    private bool _isStopped;

    public Frontier(CrawlerOptions options, Counters counters, Dice dice, HostPart? part = null)
    {
        (_options, _counters, _dice, _part, _clock, _budget) = (options, counters, dice, part, options.Http.Clock, options.Limits.Pages);
        _lanesBySpan = _lanes.GetAlternateLookup<ReadOnlySpan<char>>();
        _timer = _clock.CreateTimer(static state => ((Frontier)state!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What waits, and how much of it for hosts that are left alone.</summary>
    public (int Waiting, int Postponed) Pending
    {
        get
        {
            lock (_lock)
                return (_waiting + _postponed, _postponed);
        }
    }

    /// <summary>Whether everything has been visited: nothing waits, nothing is under way, and nobody has stopped it.</summary>
    public bool IsExhausted
    {
        get
        {
            lock (_lock)
                return _waiting == 0 && _postponed == 0 && _busy == 0;
        }
    }

    /// <summary>Whether nothing can be visited now or later: nothing is under way, and nothing waits but what is left for another run.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
                return _busy == 0 && _waiting == 0;
        }
    }

    public HostLane LaneOf(ReadOnlySpan<char> origin)
    {
        // Nothing waits there here.
        if (_part is not null && !origin.SequenceEqual(_part.Origin))
            return new HostLane(origin.ToString(), new Pace(_options.Politeness, _dice));
        lock (_lock)
        {
            if (!_lanesBySpan.TryGetValue(origin, out var lane))
                _lanes.Add(origin.ToString(), lane = new HostLane(origin.ToString(), new Pace(_options.Politeness, _dice)));
            return lane;
        }
    }

    /// <summary>Takes up a host as another run has left it.</summary>
    public void Recall(HostLane lane, HostMemory memory)
    {
        lock (_lock)
        {
            (lane.Rules, lane.IntroducedAt, lane.NotFound) = (memory.Rules, memory.IntroducedAt, memory.NotFound);
            (lane.FailuresInARow, lane.Pages) = (memory.FailuresInARow, memory.Pages);
            lane.Pace.Ask(memory.Rules?.CrawlDelay);
            if (memory.Delay is { } delay)
                lane.Pace.Learned = delay;
            Pause(lane, memory.Wait);
        }
    }

    /// <summary>What is known of a host, for another run to take up.</summary>
    public HostMemory Remember(HostLane lane)
    {
        lock (_lock)
        {
            var now = _clock.GetTimestamp();
            return new HostMemory
            {
                Rules = lane.Rules,
                IntroducedAt = lane.IntroducedAt,
                NotFound = lane.NotFound,
                Delay = lane.Pace.Learned,
                Wait = lane.NextAt > now ? _clock.GetElapsedTime(now, lane.NextAt) : TimeSpan.Zero,
                FailuresInARow = lane.FailuresInARow,
                Pages = lane.Pages,
            };
        }
    }

    /// <summary>Adds what was found.</summary>
    public void Add(IReadOnlyList<Visit> visits)
    {
        if (visits.Count == 0)
            return;
        lock (_lock)
        {
            foreach (var visit in visits)
            {
                if (_part is not null && visit.Lane.Origin != _part.Origin)
                    continue;
                visit.Lane.Add(visit);
                if (visit.Lane.IsPostponed)
                    _postponed++;
                else
                    _waiting++;
                List(visit.Lane);
            }
            Hand();
        }
    }

    /// <summary>The next visit, when it is time for it; null when the run is over.</summary>
    public ValueTask<Visit?> NextAsync()
    {
        lock (_lock)
        {
            if (Take() is { } visit)
                return new(visit);
            if (IsOver)
            {
                End();
                return default;
            }
            var waiter = new TaskCompletionSource<Visit?>(TaskCreationOptions.RunContinuationsAsynchronously);
            _idle.Enqueue(waiter);
            return new(waiter.Task);
        }
    }

    /// <summary>A visit is over.</summary>
    /// <param name="visit">The visit.</param>
    /// <param name="isPage">Whether it brought a page, which counts.</param>
    public void Done(Visit visit, bool isPage)
    {
        lock (_lock)
        {
            if (isPage)
                visit.Lane.Pages++;
            Release(visit, isPage);
            Hand();
        }
    }

    /// <summary>A visit has to be made once more, not before a while has passed; nor is any other of that host made before.</summary>
    public void Again(Visit visit, TimeSpan wait)
    {
        lock (_lock)
        {
            visit.Lane.AddAgain(visit);
            if (visit.Lane.IsPostponed)
                _postponed++;
            else
                _waiting++;
            Pause(visit.Lane, wait);
            Release(visit, isPage: false);
            Hand();
        }
    }

    /// <summary>A visit waits for the next run, with all others of its host.</summary>
    public void Postpone(Visit visit)
    {
        lock (_lock)
        {
            visit.Lane.AddAgain(visit);
            _waiting++;
            Postpone(visit.Lane);
            Release(visit, isPage: false);
            Hand();
        }
    }

    /// <summary>A host has said what it allows. What it does not is taken out, and given back.</summary>
    public List<Visit> Introduce(HostLane lane, RobotsRules rules)
    {
        // A host may have many rules and many URLs that wait. The visit that asked is the only one under way there, so nobody misses what is taken out; and other hosts
        // need not wait while it is looked at.
        List<Visit> first = [], waiting = [], forbidden = [];
        lock (_lock)
            lane.TakeAll(first, waiting);
        Sift(first, 0, rules, forbidden);
        Sift(waiting, 0, rules, forbidden);
        var (firstKnown, waitingKnown) = (first.Count, waiting.Count);
        lock (_lock)
        {
            // What has come meanwhile is little.
            lane.TakeAll(first, waiting);
            Sift(first, firstKnown, rules, forbidden);
            Sift(waiting, waitingKnown, rules, forbidden);
            lane.Pace.Ask(rules.CrawlDelay);
            lane.IntroducedAt = _clock.GetUtcNow();
            lane.FailuresInARow = 0;
            lane.Rules = rules;
            lane.PutBack(first, waiting);
            _waiting -= forbidden.Count;
            return forbidden;
        }
    }

    private static void Sift(List<Visit> visits, int from, RobotsRules rules, List<Visit> forbidden)
    {
        var allowed = from;
        for (var i = from; i < visits.Count; i++)
        {
            // A sitemap that robots.txt names itself is meant to be read.
            if (visits[i].Kind == VisitKind.Sitemap || rules.Allows(visits[i].PathAndQuery))
                visits[allowed++] = visits[i];
            else
                forbidden.Add(visits[i]);
        }
        visits.RemoveRange(allowed, visits.Count - allowed);
    }

    /// <summary>Takes in how a host answered.</summary>
    /// <returns>How often it has failed in a row.</returns>
    public int Learn(HostLane lane, TimeSpan? latency, bool isGood)
    {
        lock (_lock)
        {
            if (latency is { } time)
                lane.Pace.Learn(time, isGood);
            return lane.FailuresInARow = isGood ? 0 : lane.FailuresInARow + 1;
        }
    }

    /// <summary>Lets a host alone for a time.</summary>
    public void Rest(HostLane lane, TimeSpan wait)
    {
        lock (_lock)
            Pause(lane, wait);
    }

    /// <summary>Ends the run: what is under way may end, nothing else begins.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _isStopped = true;
            End();
        }
    }

    /// <summary>Looks whose turn it is: it is time for somebody, or the gate may be open again.</summary>
    public void Wake()
    {
        lock (_lock)
        {
            var now = _clock.GetTimestamp();
            while (_later.TryPeek(out var lane, out var at) && at <= now)
            {
                _later.Dequeue();
                lane.IsListed = false;
                List(lane);
            }
            if (_later.TryPeek(out _, out var next))
                Arm(next, now);
            Hand();
        }
    }

    public void Dispose() => _timer.Dispose();

    private bool IsOver => _isStopped || (_part is null && _busy == 0 && (_waiting == 0 || _budget <= 0));

    private Visit? Take()
    {
        if (_isStopped || _budget <= 0)
            return null;
        while (_ready.TryDequeue(out var lane))
        {
            lane.IsListed = false;
            if (lane.Rules is not null && _clock.GetUtcNow() - lane.IntroducedAt > _options.Politeness.RobotsLifetime)
                lane.Rules = null;
            if (lane.Pages + lane.UnderWay >= _options.Limits.PagesPerHost && lane.Count > 0 && !lane.IsPostponed)
            {
                if (lane.UnderWay > 0)
                    continue;
                _counters.Skip(SkipReason.PagesPerHost, lane.Count);
                Postpone(lane);
            }
            if (!CanGo(lane))
                continue;
            var now = _clock.GetTimestamp();
            if (lane.NextAt > now)
            {
                List(lane);
                continue;
            }
            if (_part?.Gate.TryEnter() == false)
            {
                List(lane);
                return null;
            }
            var visit = lane.Take();
            lane.UnderWay++;
            _waiting--;
            _busy++;
            _budget--;
            lane.NextAt = now + Ticks(lane.Pace.Next());
            List(lane);
            return visit;
        }
        return null;
    }

    private static bool CanGo(HostLane lane) => !lane.IsPostponed && lane.Count > 0 && lane.UnderWay < lane.Limit;

    private void List(HostLane lane)
    {
        if (lane.IsListed || !CanGo(lane))
            return;
        lane.IsListed = true;
        var now = _clock.GetTimestamp();
        if (lane.NextAt <= now)
        {
            _ready.Enqueue(lane);
            return;
        }
        var isFirst = !_later.TryPeek(out _, out var first) || lane.NextAt < first;
        _later.Enqueue(lane, lane.NextAt);
        if (isFirst)
            Arm(lane.NextAt, now);
    }

    // A timer that fires a moment early only fires twice.
    private void Arm(long at, long now) => _timer.Change(_clock.GetElapsedTime(now, at) + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);

    private void Hand()
    {
        while (_idle.Count > 0 && Take() is { } visit)
            _idle.Dequeue().SetResult(visit);
        if (IsOver)
            End();
        else if (_busy == 0 && _waiting == 0)
            _part?.Changed();
    }

    private void End()
    {
        while (_idle.TryDequeue(out var waiter))
            waiter.SetResult(null);
    }

    private void Release(Visit visit, bool isPage)
    {
        visit.Lane.UnderWay--;
        _busy--;
        if (!isPage)
        {
            _budget++;
            _part?.Gate.Leave();
        }
        List(visit.Lane);
    }

    private void Postpone(HostLane lane)
    {
        if (lane.IsPostponed)
        {
            // It was while this visit was under way; what has come back to it since counts from now on.
            _waiting--;
            _postponed++;
            return;
        }
        lane.IsPostponed = true;
        _waiting -= lane.Count;
        _postponed += lane.Count;
    }

    private void Pause(HostLane lane, TimeSpan wait)
    {
        var until = _clock.GetTimestamp() + Ticks(wait);
        if (until <= lane.NextAt)
            return;
        lane.NextAt = until;
        _part?.Changed();
    }

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * _clock.TimestampFrequency);
}

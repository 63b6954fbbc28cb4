namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>One host with what waits for it. All of it belongs to the frontier's lock, but what is set once before the first page.</summary>
internal sealed class HostLane(string origin, Pace pace)
{
    private readonly Queue<Visit> _waiting = new();
    private readonly Queue<Visit> _first = new();

    /// <summary>Scheme, host and port.</summary>
    public string Origin { get; } = origin;

    public Pace Pace { get; } = pace;

    /// <summary>What robots.txt allows; null until the host has been introduced.</summary>
    public RobotsRules? Rules { get; set; }

    /// <summary>Whether it is the egress policy that allows nothing.</summary>
    public bool IsDenied { get; set; }

    /// <summary>Why what <see cref="Rules"/> do not allow is not visited.</summary>
    public SkipReason Forbidden => IsDenied ? SkipReason.Policy : SkipReason.Robots;

    /// <summary>When the host was introduced.</summary>
    public DateTimeOffset IntroducedAt { get; set; }

    /// <summary>What the host shows for a page that cannot be there, where that has a good status.</summary>
    public PageSignature? NotFound { get; set; }

    public int UnderWay { get; set; }

    /// <summary>When the next request may begin, by the clock's time stamp.</summary>
    public long NextAt { get; set; }

    /// <summary>Whether it is in one of the frontier's queues.</summary>
    public bool IsListed { get; set; }

    /// <summary>Whether it is left alone until the next run.</summary>
    public bool IsPostponed { get; set; }

    public int FailuresInARow { get; set; }

    /// <summary>Pages visited in this run.</summary>
    public int Pages { get; set; }

    public int Count => _waiting.Count + _first.Count;

    public int Limit => Rules is null ? 1 : Pace.Concurrency;

    public void Add(Visit visit) => (visit.Kind == VisitKind.Sitemap ? _first : _waiting).Enqueue(visit);

    public void AddAgain(Visit visit) => _first.Enqueue(visit);

    public Visit Take() => _first.TryDequeue(out var visit) ? visit : _waiting.Dequeue();

    /// <summary>Takes all out that waits: what goes first, and the rest.</summary>
    public void TakeAll(List<Visit> first, List<Visit> waiting)
    {
        first.AddRange(_first);
        waiting.AddRange(_waiting);
        _first.Clear();
        _waiting.Clear();
    }

    /// <summary>Puts back what was taken out.</summary>
    public void PutBack(List<Visit> first, List<Visit> waiting)
    {
        first.ForEach(_first.Enqueue);
        waiting.ForEach(_waiting.Enqueue);
    }
}

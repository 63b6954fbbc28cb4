namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The faults of a server, how often each has happened, and the dice. Thread-safe.</summary>
internal sealed class FaultList<TFault>(int seed)
    where TFault : class, IFault
{
    private readonly Lock _lock = new();
    private readonly Random _dice = new(seed);
    private readonly List<Injected> _all = [];
    private int _happened;
    private volatile bool _isEmpty = true;

    public bool IsEmpty => _isEmpty;

    public int Happened => Volatile.Read(ref _happened);

    public void Add(TFault fault)
    {
        if (!(fault.Chance is >= 0 and <= 1))
            throw new ArgumentException("A fault's Chance lies between 0 and 1.", nameof(fault));
        lock (_lock)
        {
            _all.Add(new Injected(fault));
            _isEmpty = false;
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _all.Clear();
            _isEmpty = true;
        }
    }

    /// <summary>The first fault that fits, is not used up and is not spared by the dice; null for none.</summary>
    public TFault? First(int connection, Func<TFault, bool> fits) => _isEmpty ? null : Pick(connection, fits, 1).FirstOrDefault();

    /// <summary>Every such fault.</summary>
    public IReadOnlyList<TFault> Every(int connection, Func<TFault, bool> fits) => _isEmpty ? [] : Pick(connection, fits, int.MaxValue);

    private List<TFault> Pick(int connection, Func<TFault, bool> fits, int most)
    {
        var picked = new List<TFault>();
        lock (_lock)
        {
            foreach (var injected in _all)
            {
                var fault = injected.Fault;
                if (!fits(fault) || (fault.Connection ?? connection) != connection || injected.Happened >= (fault.Times ?? int.MaxValue))
                    continue;
                // The dice are cast only where there is a choice, so that a test can count on their order.
                if (fault.Chance < 1 && _dice.NextDouble() >= fault.Chance)
                    continue;
                injected.Happened++;
                _happened++;
                picked.Add(fault);
                if (picked.Count == most)
                    break;
            }
        }
        return picked;
    }

    private sealed class Injected(TFault fault)
    {
        public TFault Fault { get; } = fault;

        public int Happened { get; set; }
    }
}

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The faults of a server, how often each has happened, and the dice. Thread-safe.</summary>
internal sealed class FaultList(int seed)
{
    private readonly Lock _lock = new();
    private readonly Random _dice = new(seed);
    private readonly List<Injected> _all = [];
    private int _happened;
    private volatile bool _isEmpty = true;

    public bool IsEmpty => _isEmpty;

    public int Happened => Volatile.Read(ref _happened);

    public void Add(Fault fault)
    {
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

    /// <summary>What happens to a connection that was just opened; null for nothing.</summary>
    public Fault? ForConnection(int connection) => _isEmpty ? null : Pick(connection, static fault => fault.AtConnection);

    /// <summary>What happens to the answer to a request; null for nothing.</summary>
    public Fault? ForRequest(int connection, string method, string path) => _isEmpty ? null : Pick(connection, fault => fault.IsFor(method, path));

    private Fault? Pick(int connection, Func<Fault, bool> fits)
    {
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
                return fault;
            }
            return null;
        }
    }

    private sealed class Injected(Fault fault)
    {
        public Fault Fault { get; } = fault;

        public int Happened { get; set; }
    }
}

using System.Collections.Concurrent;

namespace Codomyrmex.Networking.Resilience.Internal;

/// <summary>One state for each host. A crawler meets many hosts: those that are as new are forgotten when there are too many.</summary>
internal sealed class HostTable<T>(Func<T> make) where T : class, IHostState
{
    private const int Kept = 4096;
    private readonly ConcurrentDictionary<(string Host, int Port), T> _states = new();
    private int _sweepAt = Kept;

    public int Count => _states.Count;

    public T For(string host, int port)
    {
        if (_states.TryGetValue((host, port), out var state))
            return state;
        if (_states.Count >= Volatile.Read(ref _sweepAt))
            Sweep();
        return _states.GetOrAdd((host, port), static (_, make) => make(), make);
    }

    // Who was handed a state just before it is forgotten goes on with it: two count for one host then, for a moment.
    private void Sweep()
    {
        foreach (var (key, state) in _states)
        {
            if (state.IsIdle)
                _states.TryRemove(key, out _);
        }
        // Those in use stay, however many: their number is what the program itself has under way.
        Volatile.Write(ref _sweepAt, Math.Max(Kept, _states.Count * 2));
    }
}

using System.Collections.Concurrent;
using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Transport.Internal;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// The connections of a client and of all clients derived from it: one handler for each distinct set of transport settings. Closed
/// when the last of them is disposed.
/// </summary>
internal sealed class HandlerPool(TimeProvider clock)
{
    private const int Kept = 64;
    private readonly ConcurrentDictionary<(TransportOptions, int), HttpHandler> _handlers = new();
    private int _owners;

    public RetryBudgets Budgets { get; } = new();

    public HttpHandler Get(TransportOptions options, int headerBytes)
    {
        if (_handlers.TryGetValue((options, headerBytes), out var handler))
            return handler;
        // Settings that are new at each request would pile up; handlers dropped here close their idle connections by themselves.
        if (_handlers.Count >= Kept)
            _handlers.Clear();
        return _handlers.GetOrAdd((options, headerBytes), key => new HttpHandler(key.Item1, key.Item2, clock));
    }

    public HandlerPool Share()
    {
        Interlocked.Increment(ref _owners);
        return this;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _owners) > 0)
            return;
        foreach (var handler in _handlers.Values)
            handler.Dispose();
        _handlers.Clear();
    }
}

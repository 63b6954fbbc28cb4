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
    private readonly record struct Key(TransportOptions Options, int HeaderBytes, HttpMessageHandler? Foreign);

    private const int Kept = 64;
    private readonly ConcurrentDictionary<Key, HttpHandler> _handlers = new();
    private int _owners;

    public RetryBudgets Budgets { get; } = new();

    public HostGuards Guards { get; } = new(clock);

    /// <summary>The handler for such settings; over a handler of the caller's, where there is one.</summary>
    public HttpHandler Get(TransportOptions options, int headerBytes, HttpMessageHandler? foreign)
    {
        var key = new Key(options, headerBytes, foreign);
        if (_handlers.TryGetValue(key, out var handler))
            return handler;
        // Settings that are new at each request would pile up; handlers dropped here close their idle connections by themselves.
        if (_handlers.Count >= Kept)
            _handlers.Clear();
        return _handlers.GetOrAdd(key, key => key.Foreign is { } other
            ? new HttpHandler(key.Options, other, clock)
            : new HttpHandler(key.Options, key.HeaderBytes, clock));
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

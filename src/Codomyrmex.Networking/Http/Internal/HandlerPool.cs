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

    private const int Kept = 512;
    private readonly ConcurrentDictionary<Key, HttpHandler> _handlers = new();
    private readonly ConcurrentDictionary<(long Direct, ProxyOptions Proxy), HttpHandler> _proxied = new();
    private readonly PoolLedger _ledger = new();
    private int _owners;
    private int _calls;
    private TaskCompletionSource? _drained;

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
            ? new HttpHandler(key.Options, other, _ledger, clock)
            : new HttpHandler(key.Options, key.HeaderBytes, _ledger, clock));
    }

    /// <summary>
    /// The handler of such settings through one proxy of its pool. Asked with every attempt, and so found by two parts of them, not by all.
    /// </summary>
    public HttpHandler Through(ProxyOptions proxy, HttpHandler handler, int headerBytes)
    {
        var direct = handler.Direct ?? handler;
        if (_proxied.TryGetValue((direct.Id, proxy), out var known))
            return known;
        if (_proxied.Count >= Kept)
            _proxied.Clear();
        var made = Get(direct.Options with { Proxy = proxy }, headerBytes, null);
        made.Direct = direct;
        return _proxied[(direct.Id, proxy)] = made;
    }

    public HandlerPool Share()
    {
        Interlocked.Increment(ref _owners);
        return this;
    }

    /// <summary>Whether the last owner is gone.</summary>
    public bool IsClosed => Volatile.Read(ref _owners) <= 0;

    public PoolStatistics Statistics => _ledger.Read();

    /// <summary>A call begins; it ends when its response has been read or let go.</summary>
    public void Enter() => Interlocked.Increment(ref _calls);

    public void Leave()
    {
        if (Interlocked.Decrement(ref _calls) > 0)
            return;
        Volatile.Read(ref _drained)?.TrySetResult();
        if (IsClosed)
            _ledger.CloseIdle();
    }

    /// <summary>Closes the idle connections with the last owner; those under requests close when these are done.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _owners) == 0)
            Close();
    }

    /// <summary>With the last owner: waits for the calls under way, then closes every connection.</summary>
    public async ValueTask ReleaseAsync(TimeSpan drain)
    {
        if (Interlocked.Decrement(ref _owners) > 0)
            return;
        if (Volatile.Read(ref _calls) > 0 && drain != TimeSpan.Zero)
            await DrainAsync(drain).ConfigureAwait(false);
        Close();
        _ledger.CloseAll();
    }

    private async Task DrainAsync(TimeSpan drain)
    {
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _drained, drained);
        // The last call may have ended before it could see whom to tell.
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _calls) == 0)
            return;
        try
        {
            await drained.Task.WaitAsync(drain, clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Who is not done by now is cut off.
        }
    }

    private void Close()
    {
        foreach (var handler in _handlers.Values)
            handler.Dispose();
        _handlers.Clear();
        _proxied.Clear();
        // Those of handlers that were dropped too: not while a call may be about to use one, which the last of them sees to.
        if (Volatile.Read(ref _calls) == 0)
            _ledger.CloseIdle();
    }
}

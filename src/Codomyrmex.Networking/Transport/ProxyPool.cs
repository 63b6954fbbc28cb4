using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Transport;

/// <summary>
/// Several proxies that take turns: one for each attempt, or the same one for a session key as long as it works. One that fails cools down,
/// is retired when it keeps failing, and the next attempt goes through another. Where none is left the call fails; it never goes out
/// directly. Thread-safe; may be shared by clients. Give it to <see cref="TransportOptions.Proxies"/>.
/// </summary>
/// <remarks>
/// A proxy fails when it cannot be reached, rejects its credentials, breaks its protocol or does not answer. That it could not reach a
/// target, or would not, is said of the target: the proxy stays in use.
/// </remarks>
public sealed class ProxyPool
{
    private readonly Lock _lock = new();
    private readonly ProxyPoolMember[] _members;
    private readonly Dictionary<string, ProxyPoolMember> _sessions = new(StringComparer.Ordinal);
    private readonly Queue<string> _sessionOrder = new();
    private int _next;

    /// <summary>Makes a pool.</summary>
    /// <param name="proxies">The proxies, at least one, each once; all bypass the same hosts (<see cref="ProxyOptions.NoProxy"/>).</param>
    /// <param name="options">How it chooses; null for the defaults.</param>
    /// <exception cref="ArgumentException">A proxy or a setting is wrong; the message says which.</exception>
    public ProxyPool(IReadOnlyList<ProxyOptions> proxies, ProxyPoolOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(proxies);
        Options = options ?? ProxyPoolOptions.Default;
        Options.Validate();
        Proxies = [.. proxies];
        if (Proxies.Count == 0)
            throw new ArgumentException("A proxy pool needs a proxy.", nameof(proxies));
        foreach (var proxy in Proxies)
            proxy.Validate();
        if (Proxies.Distinct().Count() < Proxies.Count)
            throw new ArgumentException("A proxy is in the pool twice.", nameof(proxies));
        // Whether a host is reached directly must not depend on whose turn it is.
        if (Proxies.FirstOrDefault(proxy => !proxy.NoProxy.SequenceEqual(Proxies[0].NoProxy, StringComparer.Ordinal)) is { } other)
            throw new ArgumentException($"{other} bypasses other hosts (ProxyOptions.NoProxy) than {Proxies[0]}; all of a pool must bypass the same.", nameof(proxies));
        _members = [.. Proxies.Select(proxy => new ProxyPoolMember(proxy))];
    }

    /// <summary>How it chooses.</summary>
    public ProxyPoolOptions Options { get; }

    /// <summary>The proxies, in their order.</summary>
    public IReadOnlyList<ProxyOptions> Proxies { get; }

    /// <summary>How each proxy does, in their order.</summary>
    public IReadOnlyList<ProxyStatus> GetStatus()
    {
        lock (_lock)
        {
            var now = Options.Clock.GetUtcNow();
            return [.. _members.Select(member => member.Status(now))];
        }
    }

    /// <summary>Takes a proxy out of use until it is restored.</summary>
    /// <param name="proxy">One of the pool's.</param>
    /// <exception cref="ArgumentException">It is not in the pool.</exception>
    public void Retire(ProxyOptions proxy)
    {
        lock (_lock)
            Find(proxy).IsRetired = true;
    }

    /// <summary>Takes a proxy into use again, as if it had never failed.</summary>
    /// <param name="proxy">One of the pool's.</param>
    /// <exception cref="ArgumentException">It is not in the pool.</exception>
    public void Restore(ProxyOptions proxy)
    {
        lock (_lock)
            Find(proxy).Restore();
    }

    /// <summary>Forgets which proxy a session uses: its next request gets the one whose turn it is. For a session that a site has blocked.</summary>
    /// <param name="sessionKey">The session's key (<c>RequestOptions.SessionKey</c>).</param>
    /// <returns>Whether the session had a proxy.</returns>
    public bool ForgetSession(string sessionKey)
    {
        ArgumentNullException.ThrowIfNull(sessionKey);
        lock (_lock)
            return _sessions.Remove(sessionKey);
    }

    /// <summary>The first proxy that is not trusted to enforce an egress policy; null where all are.</summary>
    internal ProxyOptions? Untrusted => Proxies.FirstOrDefault(proxy => !proxy.TrustedForEgress);

    /// <summary>The proxy for an attempt.</summary>
    /// <exception cref="ProxyException">None can be used now (<c>proxy.exhausted</c>).</exception>
    internal ProxyLease Take(string? sessionKey, Endpoint target)
    {
        lock (_lock)
        {
            var now = Options.Clock.GetUtcNow();
            ProxyPoolMember? member = null;
            if (sessionKey is not null && _sessions.TryGetValue(sessionKey, out member) && !member.IsUsable(now))
                member = null;
            if (member is null)
            {
                member = Next(now) ?? throw Exhausted(target, now);
                if (sessionKey is not null)
                    Remember(sessionKey, member);
            }
            member.Uses++;
            return new ProxyLease(this, member, now);
        }
    }

    internal void Succeeded(ProxyPoolMember member, DateTimeOffset takenAt)
    {
        lock (_lock)
        {
            if (takenAt >= member.FailedAt)
                member.Failures = 0;
        }
    }

    /// <summary>Notes a failure. Requests that were under way together fail together: that is one failure.</summary>
    internal void Failed(ProxyPoolMember member, DateTimeOffset takenAt, bool isLasting)
    {
        lock (_lock)
        {
            if (takenAt < member.FailedAt)
                return;
            member.FailedAt = Options.Clock.GetUtcNow();
            member.Failures++;
            member.IsRetired |= isLasting || (Options.RetireAfter > 0 && member.Failures >= Options.RetireAfter);
            var wait = Math.Min(Options.MaxCoolDown.TotalMilliseconds, Options.CoolDown.TotalMilliseconds * Math.Pow(2, Math.Min(member.Failures - 1, 30)));
            member.AvailableAt = member.FailedAt + TimeSpan.FromMilliseconds(wait);
        }
    }

    /// <summary>Whether another attempt would find a proxy now.</summary>
    internal bool HasUsable()
    {
        lock (_lock)
        {
            var now = Options.Clock.GetUtcNow();
            return Array.Exists(_members, member => member.IsUsable(now));
        }
    }

    private ProxyPoolMember? Next(DateTimeOffset now)
    {
        if (Options.Rotation == ProxyRotation.Random)
        {
            var usable = Array.FindAll(_members, member => member.IsUsable(now));
            return usable.Length == 0 ? null : usable[(int)((Options.Random?.Invoke() ?? Random.Shared.NextDouble()) * usable.Length)];
        }
        for (var i = 0; i < _members.Length; i++)
        {
            var member = _members[_next];
            _next = (_next + 1) % _members.Length;
            if (member.IsUsable(now))
                return member;
        }
        return null;
    }

    private void Remember(string sessionKey, ProxyPoolMember member)
    {
        if (!_sessions.ContainsKey(sessionKey))
            _sessionOrder.Enqueue(sessionKey);
        _sessions[sessionKey] = member;
        // A key that was forgotten and came back stands in line twice; it goes with its first place.
        while (_sessionOrder.Count > Options.Sessions)
            _sessions.Remove(_sessionOrder.Dequeue());
    }

    private ProxyPoolMember Find(ProxyOptions proxy) =>
        Array.Find(_members, member => member.Proxy == proxy) ?? throw new ArgumentException($"{proxy} is not in the pool.", nameof(proxy));

    private NetworkException Exhausted(Endpoint target, DateTimeOffset now)
    {
        var cooling = _members.Where(member => !member.IsRetired).Select(member => member.AvailableAt - now).ToArray();
        TimeSpan? wait = cooling.Length == 0 ? null : cooling.Min();
        var soon = wait is { } time ? FormattableString.Invariant($", the first for {time.TotalSeconds:0.###} s more") : "";
        return new NetworkFailure
        {
            Code = ErrorCodes.ProxyExhausted,
            Message = $"No proxy of the pool can be used for {target}: {cooling.Length} cool down{soon}; {_members.Length - cooling.Length} are retired.",
            Phase = NetworkPhase.Proxy,
            Endpoint = target,
            IsTransient = wait is not null,
            RetryAfter = wait,
        }.ToException();
    }
}

using System.Net;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>What happened while a connection was made: phases with their times, addresses with their outcomes. Readable at any moment.</summary>
internal sealed class DialTrace(Endpoint endpoint, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly List<Attempt> _attempts = [];
    private int _uses;

    public Endpoint Endpoint { get; } = endpoint;

    public TimeProvider Clock { get; } = clock;

    /// <summary>Whether the connection is for an engine that wants a socket of the platform's.</summary>
    public bool WantsPlatformSocket { get; init; }

    public long StartedAt { get; } = clock.GetTimestamp();

    public NetworkPhase Phase { get; set; } = NetworkPhase.Resolve;

    public bool IsDone { get; set; }

    public IReadOnlyList<IPAddress> Resolved { get; set; } = [];

    public TimeSpan? Resolve { get; private set; }

    public TimeSpan? Connect { get; private set; }

    public TimeSpan? Proxy { get; private set; }

    public TimeSpan? Tls { get; private set; }

    /// <summary>The address connected to: the proxy's where there is one.</summary>
    public EndPoint? Remote { get; set; }

    /// <summary>Whether all of it has been made, TLS included.</summary>
    public bool IsMade { get; set; }

    /// <summary>The proxy that it goes through; null where there is none.</summary>
    public ProxyOptions? ThroughProxy { get; set; }

    /// <summary>Who opens the stream underneath; null where that is a socket, or nobody who can tell.</summary>
    public IUnderlay? Underlay { get; set; }

    /// <summary>What the stream underneath lies on.</summary>
    public IReadOnlyList<TransportLayer> Beneath { get; set; } = [];

    /// <summary>All layers that have been made, the lowest first. What lies beneath was part of connecting.</summary>
    public IReadOnlyList<TransportLayer> Layers
    {
        get
        {
            var layers = new List<TransportLayer>(Beneath);
            if (Beneath.Count == 0)
            {
                if (Resolve is { } resolve)
                    layers.Add(new TransportLayer($"dns {Endpoint.Host}", resolve));
                if (Connect is { } connect && End is not null)
                    layers.Add(new TransportLayer($"tcp {(Remote is null ? Endpoint.ToString() : Remote)}", connect));
            }
            if (Proxy is { } proxy && ThroughProxy is not null && Stream is not null)
                layers.Add(new TransportLayer(ThroughProxy.LayerName, proxy));
            if (Tls is { } tls && IsMade)
                layers.Add(new TransportLayer($"tls {Endpoint}", tls));
            return layers;
        }
    }

    /// <summary>The lowest stream of the connection, beneath proxies and TLS; null until it stands.</summary>
    public WireEnd? End { get; set; }

    /// <summary>The connection that came of it; null while the dial goes on.</summary>
    public DialedStream? Stream { get; set; }

    /// <summary>What TLS agreed on, for explanations.</summary>
    public TlsFacts? TlsFacts { get; set; }

    /// <summary>Notes the time of a step; a phase may have several (one for each address given to a SOCKS proxy).</summary>
    public void Took(NetworkPhase phase, TimeSpan time)
    {
        switch (phase)
        {
            case NetworkPhase.Resolve:
                Resolve = (Resolve ?? TimeSpan.Zero) + time;
                break;
            case NetworkPhase.Connect:
                Connect = (Connect ?? TimeSpan.Zero) + time;
                break;
            case NetworkPhase.Proxy:
                Proxy = (Proxy ?? TimeSpan.Zero) + time;
                break;
            case NetworkPhase.Tls:
                Tls = (Tls ?? TimeSpan.Zero) + time;
                break;
        }
    }

    public int CountUse() => Interlocked.Increment(ref _uses);

    public void Tried(string address, TimeSpan elapsed, string? code)
    {
        lock (_lock)
            _attempts.Add(new Attempt(address, elapsed, code));
    }

    public IReadOnlyList<Attempt> Attempts
    {
        get
        {
            lock (_lock)
                return _attempts.Count == 0 ? [] : _attempts.ToArray();
        }
    }
}

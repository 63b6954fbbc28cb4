using System.Net;
using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Sockets.Internal;

/// <summary>Whom a server lets in: networks, and how many of each address. Thread-safe.</summary>
internal sealed class PeerGate
{
    private readonly Cidr[] _allow;
    private readonly Cidr[] _deny;
    private readonly Cidr[] _proxies;
    private readonly TCPServerLimits _limits;
    private readonly Lock _lock = new();
    private readonly Dictionary<IPBits, int> _perAddress = [];
    private int _open;

    public PeerGate(TCPServerOptions options)
    {
        _allow = [.. options.Allow.Select(Cidr.Of).Select(static range => range.Unmapped)];
        _deny = [.. options.Deny.Select(Cidr.Of).Select(static range => range.Unmapped)];
        _proxies = [.. options.TrustedProxies.Select(Cidr.Of).Select(static range => range.Unmapped)];
        _limits = options.Limits;
    }

    public int Open => Volatile.Read(ref _open);

    public bool IsTrustedProxy(EndPoint? peer) => _proxies.Length > 0 && peer is IPEndPoint { Address: var address } && Holds(_proxies, IPBits.From(address).Unmapped);

    /// <summary>Takes a place among all, for a connection that was accepted.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _open) <= _limits.Connections)
            return true;
        Interlocked.Decrement(ref _open);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _open);

    /// <summary>Takes a place among those of an address, if the address may come at all.</summary>
    public bool TryEnter(EndPoint? peer)
    {
        if (peer is not IPEndPoint { Address: var address })
            return true;
        var bits = IPBits.From(address).Unmapped;
        if (Holds(_deny, bits) || (_allow.Length > 0 && !Holds(_allow, bits)))
            return false;
        var key = Subscriber(bits);
        lock (_lock)
        {
            var count = _perAddress.GetValueOrDefault(key);
            if (count >= _limits.ConnectionsPerAddress)
                return false;
            _perAddress[key] = count + 1;
            return true;
        }
    }

    public void Leave(EndPoint? peer)
    {
        if (peer is not IPEndPoint { Address: var address })
            return;
        var key = Subscriber(IPBits.From(address).Unmapped);
        lock (_lock)
        {
            if (_perAddress.TryGetValue(key, out var count) && count > 1)
                _perAddress[key] = count - 1;
            else
                _perAddress.Remove(key);
        }
    }

    // Who has an IPv6 address has 2^64 of them (RFC 7421).
    private static IPBits Subscriber(IPBits address) => address.IsIPv4 ? address : address with { Value = (address.Value >> 64) << 64 };

    private static bool Holds(Cidr[] ranges, IPBits address)
    {
        foreach (var range in ranges)
        {
            if (range.Contains(address))
                return true;
        }
        return false;
    }
}

using System.Net;
using System.Net.Sockets;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>What each address may have here of bytes at a time. Thread-safe.</summary>
internal sealed class MessageShares(int bytesPerAddress)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, Share> _shares = [];

    private int BytesPerAddress => bytesPerAddress;

    /// <summary>A conversation's way to its address's share; one without an address has a share of its own.</summary>
    public MessageAccount Enter(EndPoint? remote)
    {
        if (remote is not IPEndPoint { Address: var address })
            return new MessageAccount(new Share(this, null));
        var key = Subscriber(address);
        lock (_lock)
        {
            if (!_shares.TryGetValue(key, out var share))
                _shares[key] = share = new Share(this, key);
            share.Users++;
            return new MessageAccount(share);
        }
    }

    // Who has an IPv6 address has 2^64 of them (RFC 7421).
    private static IPAddress Subscriber(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetwork ? address : new IPAddress([.. address.GetAddressBytes().AsSpan(0, 8), 0, 0, 0, 0, 0, 0, 0, 0]);
    }

    /// <summary>The share of one address: it is forgotten when nobody uses it and nothing is left of it here.</summary>
    internal sealed class Share(MessageShares shares, IPAddress? address)
    {
        private long _held;

        public int Users { get; set; }

        public bool TryTake(int bytes)
        {
            lock (shares._lock)
            {
                if (_held + bytes > shares.BytesPerAddress)
                    return false;
                _held += bytes;
                return true;
            }
        }

        public void Charge(int bytes)
        {
            lock (shares._lock)
                _held += bytes;
        }

        public void Give(long bytes, bool isLeaving = false)
        {
            lock (shares._lock)
            {
                _held -= bytes;
                if (isLeaving)
                    Users--;
                if (address is not null && Users <= 0 && _held == 0)
                    shares._shares.Remove(address);
            }
        }
    }
}

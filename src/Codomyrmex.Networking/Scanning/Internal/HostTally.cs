namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>How each host ended that is asked twice, of TCP and of UDP: two bits a host. Used by one thread.</summary>
internal sealed class HostTally(long hosts)
{
    private readonly ulong[] _up = new ulong[(hosts + 63) / 64];
    private readonly ulong[] _down = new ulong[(hosts + 63) / 64];

    /// <summary>Takes an end; by how much it changes the number of hosts that are up, and of those that are down.</summary>
    /// <remarks>A host that answered to either protocol is up, and one that was scanned for either is not down.</remarks>
    public (int Up, int Down) Add(long host, HostEnd end)
    {
        var (word, bit) = (host >> 6, 1UL << (int)(host & 63));
        var (wasUp, wasDown) = ((_up[word] & bit) != 0, (_down[word] & bit) != 0);
        if (end == HostEnd.Down)
        {
            if (wasUp || wasDown)
                return default;
            _down[word] |= bit;
            return (0, 1);
        }
        _down[word] &= ~bit;
        if (end == HostEnd.Answered)
            _up[word] |= bit;
        return (end == HostEnd.Answered && !wasUp ? 1 : 0, wasDown ? -1 : 0);
    }
}

using System.Numerics;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>A set of ports while it is put together: a bit for each.</summary>
internal sealed class PortBits
{
    private const int Bits = 64;

    private readonly ulong[] _words = new ulong[65536 / Bits];

    public static PortBits Of(PortList ports) => new PortBits().Add(ports);

    public PortBits Add(int first, int last) => Set(first, last, true);

    public PortBits Remove(int first, int last) => Set(first, last, false);

    public PortBits Add(PortList ports) => SetAll(ports, true);

    public PortBits Remove(PortList ports) => SetAll(ports, false);

    public PortList ToList()
    {
        var ranges = new List<(ushort, ushort)>();
        for (var port = Next(0, true); port < 65536;)
        {
            var end = Next(port, false);
            ranges.Add(((ushort)port, (ushort)(end - 1)));
            port = Next(end, true);
        }
        return new PortList([.. ranges]);
    }

    /// <summary>The first port from here on that is in the set, or is not; 65,536 for none.</summary>
    private int Next(int port, bool isIn)
    {
        while (port < 65536)
        {
            var word = (isIn ? _words[port / Bits] : ~_words[port / Bits]) >> (port % Bits);
            if (word != 0)
                return port + BitOperations.TrailingZeroCount(word);
            port = ((port / Bits) + 1) * Bits;
        }
        return port;
    }

    private PortBits SetAll(PortList ports, bool isIn)
    {
        foreach (var (first, last) in ports.Ranges)
            Set(first, last, isIn);
        return this;
    }

    private PortBits Set(int first, int last, bool isIn)
    {
        for (var port = first; port <= last; port++)
        {
            if (isIn)
                _words[port / Bits] |= 1UL << (port % Bits);
            else
                _words[port / Bits] &= ~(1UL << (port % Bits));
        }
        return this;
    }
}

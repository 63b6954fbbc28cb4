namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>The ports of one protocol in the order in which they are asked: shuffled once for all hosts, behind those that answer most often.</summary>
internal sealed class PortOrder
{
    private const int PopularPorts = 8;

    private readonly ushort[] _ports;
    private int[]? _places;

    public PortOrder(PortProtocol protocol, PortList ports, ulong seed)
    {
        Protocol = protocol;
        _ports = new ushort[ports.Count];
        // As a table: it is asked for every probe, and there is one for all hosts.
        var order = new Permutation((ulong)_ports.Length, seed);
        var place = 0UL;
        foreach (var port in ports)
            _ports[order[place++]] = (ushort)port;
        var first = 0;
        foreach (var port in PortTable.Top(protocol == PortProtocol.Udp, PopularPorts))
        {
            if (Array.IndexOf(_ports, port, first) is var found and >= 0)
            {
                (_ports[first], _ports[found]) = (port, _ports[first]);
                first++;
            }
        }
    }

    public PortProtocol Protocol { get; }

    public int Count => _ports.Length;

    public int this[int index] => _ports[index];

    /// <summary>The place of a port; -1 where it is none of them.</summary>
    public int PlaceOf(int port)
    {
        if (_places is null)
        {
            _places = new int[65_536];
            Array.Fill(_places, -1);
            for (var i = 0; i < _ports.Length; i++)
                _places[_ports[i]] = i;
        }
        return _places[port];
    }

    /// <summary>Where a host begins that has shown a sign of life: each elsewhere. Any other begins with what is likely to show one.</summary>
    public int StartOf(long host, ulong seed) => (int)new Permutation((ulong)_ports.Length, seed)[(ulong)host % (ulong)_ports.Length];
}

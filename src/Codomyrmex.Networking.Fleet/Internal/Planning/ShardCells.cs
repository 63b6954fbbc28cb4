using System.Net;
using Codomyrmex.Networking.Scanning;

namespace Codomyrmex.Networking.Fleet.Internal.Planning;

/// <summary>The pairs of an address and a port of one shard, each with a number: host by host in ascending order, TCP before UDP. Immutable and thread-safe.</summary>
internal sealed class ShardCells
{
    private readonly Dictionary<IPAddress, int> _hosts = [];
    private readonly int[] _tcp;
    private readonly int[] _udp;
    private readonly int _ports;

    public ShardCells(IReadOnlyList<IPAddress> hosts, PortSet ports)
    {
        _ports = ports.Count;
        _tcp = Places(ports.Tcp, 0);
        _udp = Places(ports.Udp, ports.Tcp.Count);
        for (var i = 0; i < hosts.Count; i++)
            _hosts[hosts[i]] = i;
        Count = checked(hosts.Count * ports.Count);
    }

    public int Count { get; }

    /// <summary>A pair's number; -1 where it is not in the shard.</summary>
    public int Of(IPAddress address, PortProtocol protocol, int port)
    {
        var place = (protocol == PortProtocol.Tcp ? _tcp : _udp)[port];
        return place < 0 || !_hosts.TryGetValue(address, out var host) ? -1 : host * _ports + place;
    }

    private static int[] Places(PortList ports, int first)
    {
        var places = new int[65_536];
        Array.Fill(places, -1);
        foreach (var port in ports)
            places[port] = first++;
        return places;
    }
}

using System.Collections.Concurrent;
using System.Text;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>The forwards that a server was asked for: takes the channels that belong to one of them and refuses all others. Thread-safe.</summary>
internal sealed class RemoteForwards : IChannelAcceptor
{
    // Each costs a connection here, and it is the server that opens them.
    private const int MostOpen = 1024;

    private readonly ConcurrentDictionary<(string Address, uint Port), (ForwardCount Count, Action<TunnelStream> Begin)> _forwards = new();

    public bool TryAdd(string address, uint port, ForwardCount count, Action<TunnelStream> begin) => _forwards.TryAdd((address, port), (count, begin));

    public void Remove(string address, uint port) => _forwards.TryRemove((address, port), out _);

    public (Func<SshChannel, IChannelReader> MakeReader, Action<SshChannel> Begin)? Accept(string type, ReadOnlySpan<byte> data)
    {
        // RFC 4254, section 7.2: the address and port that were connected to, then those of who connected.
        if (type != "forwarded-tcpip")
            return null;
        var reader = new WireReader(data);
        var address = Encoding.UTF8.GetString(reader.String());
        if (!_forwards.TryGetValue((address, reader.UInt32()), out var forward) || forward.Count.Open >= MostOpen)
            return null;
        var begin = forward.Begin;
        return (static channel => new TunnelStream(channel), channel => begin((TunnelStream)channel.Reader));
    }
}

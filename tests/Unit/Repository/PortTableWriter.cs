using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Tests.Unit.Repository;

/// <summary>Makes the binary form of the names and the ranking of ports; <c>data/port-ranking.txt</c> says how ports are ranked.</summary>
internal static class PortTableWriter
{
    private const int TcpRanked = 1000;
    private const int UdpRanked = 200;
    private const int WithNeighbours = 200;

    private sealed record Entry(int Port, string Name, bool IsPackaged);

    public static byte[] Write(string ports, string ranking)
    {
        using var stream = new MemoryStream();
        WriteHalf(stream, ports, ranking, "tcp", TcpRanked);
        WriteHalf(stream, ports, ranking, "udp", UdpRanked);
        return stream.ToArray();
    }

    private static void WriteHalf(MemoryStream stream, string ports, string ranking, string protocol, int ranked)
    {
        var assigned = Read(ports, protocol).ToDictionary(entry => entry.Port);
        var written = Read(ranking, protocol).ToList();
        Assert.Equal(written.Count, written.DistinctBy(entry => entry.Port).Count());
        var names = new SortedDictionary<int, string>(assigned.ToDictionary(entry => entry.Key, entry => entry.Value.Name));
        foreach (var entry in written.Where(entry => entry.Name.Length > 0))
            names[entry.Port] = entry.Name;
        WritePorts(stream, names.Keys);
        foreach (var name in names.Values)
            stream.WriteByte(checked((byte)name.Length));
        stream.Write(Encoding.ASCII.GetBytes(string.Concat(names.Values)));
        var order = Rank(written, assigned, protocol == "tcp").Distinct().Take(ranked).ToList();
        Assert.Equal(ranked, order.Count);
        WritePorts(stream, order);
    }

    private static IEnumerable<int> Rank(List<Entry> written, Dictionary<int, Entry> assigned, bool isTcp)
    {
        var packaged = assigned.Values.Where(entry => entry.IsPackaged).Select(entry => entry.Port).Order();
        var rest = Enumerable.Range(1, 1023).Where(assigned.ContainsKey);
        var order = written.Select(entry => entry.Port).Concat(packaged);
        if (isTcp)
        {
            order = order.Concat(written.Take(WithNeighbours).Select(entry => entry.Port + 1))
                .Concat(Enumerable.Range(1, 60).SelectMany(n => new[] { 0, 80, 443, 500, 888 }, (n, offset) => (n * 1000) + offset))
                .Concat(Enumerable.Range(11, 89).Select(n => n * 100));
        }
        return order.Concat(rest);
    }

    private static IEnumerable<Entry> Read(string text, string protocol) =>
        from line in text.Split('\n')
        let words = line.Split('#')[0].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)
        where words.Length > 0
        let place = words[0].Split('/')
        where place[1] == protocol
        select new Entry(int.Parse(place[0], CultureInfo.InvariantCulture), words.Length > 1 ? words[1] : "", words.Length > 2 && words[2] == "packaged");

    private static void WritePorts(MemoryStream stream, ICollection<int> ports)
    {
        Span<byte> number = stackalloc byte[2];
        foreach (var value in ports.Prepend(ports.Count))
        {
            BinaryPrimitives.WriteUInt16LittleEndian(number, checked((ushort)value));
            stream.Write(number);
        }
    }
}

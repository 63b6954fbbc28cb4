using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>
/// Names of services and the ranking of ports, from the resource that <c>./dev ports</c> makes of <c>data/ports.txt</c> and
/// <c>data/port-ranking.txt</c>. Read when first asked; a program that does not scan never does.
/// </summary>
/// <remarks>
/// For TCP, then for UDP: the number of names; a port for each, ascending; the length of each name; the names in one piece; the length of the
/// ranking; the ranked ports. Numbers are 16 bits, lengths of names 8, the least significant byte first.
/// </remarks>
internal static class PortTable
{
    public const string Resource = "Ports.bin";

    public static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.+");

    private static readonly Half[] Halves = Load();

    public static string? Name(bool isUdp, int port)
    {
        var half = Halves[isUdp ? 1 : 0];
        var at = port is >= 1 and <= 65535 ? Array.BinarySearch(half.Ports, (ushort)port) : -1;
        return at < 0 ? null : half.Names[at];
    }

    public static IEnumerable<(int Port, string Name)> Entries(bool isUdp)
    {
        var half = Halves[isUdp ? 1 : 0];
        return half.Ports.Select((port, i) => ((int)port, half.Names[i]));
    }

    public static int TopCount(bool isUdp) => Halves[isUdp ? 1 : 0].Ranking.Length;

    /// <summary>The best of the ranking, best first.</summary>
    public static ReadOnlySpan<ushort> Top(bool isUdp, int count)
    {
        var ranking = Halves[isUdp ? 1 : 0].Ranking;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, ranking.Length);
        return ranking.AsSpan(0, count);
    }

    private static Half[] Load()
    {
        using var stream = typeof(PortTable).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The library was built without {Resource}.");
        var data = new byte[stream.Length];
        stream.ReadExactly(data);
        ReadOnlySpan<byte> rest = data;
        return [ReadHalf(ref rest), ReadHalf(ref rest)];
    }

    private static Half ReadHalf(ref ReadOnlySpan<byte> rest)
    {
        var ports = ReadPorts(ref rest);
        var lengths = rest[..ports.Length];
        rest = rest[ports.Length..];
        var names = new string[ports.Length];
        // A run of ports often has one name (x11, vnc): one string for all of them.
        for (var i = 0; i < names.Length; i++)
        {
            var name = Encoding.ASCII.GetString(rest[..lengths[i]]);
            names[i] = i > 0 && names[i - 1] == name ? names[i - 1] : name;
            rest = rest[lengths[i]..];
        }
        return new Half(ports, names, ReadPorts(ref rest));
    }

    private static ushort[] ReadPorts(ref ReadOnlySpan<byte> rest)
    {
        var ports = new ushort[BinaryPrimitives.ReadUInt16LittleEndian(rest)];
        for (var i = 0; i < ports.Length; i++)
            ports[i] = BinaryPrimitives.ReadUInt16LittleEndian(rest[(2 + (2 * i))..]);
        rest = rest[(2 + (2 * ports.Length))..];
        return ports;
    }

    private sealed record Half(ushort[] Ports, string[] Names, ushort[] Ranking);
}

using System.Diagnostics.CodeAnalysis;
using Codomyrmex.Networking.Scanning.Internal;

namespace Codomyrmex.Networking.Scanning;

/// <summary>The ports to scan, of TCP and of UDP. Immutable and thread-safe; two sets are equal when they hold the same ports.</summary>
/// <remarks>
/// <para>Written as scanners write them, items separated by commas:</para>
/// <list type="bullet">
/// <item><c>80</c>; <c>1-1024</c>, <b>both ends included</b>; <c>-100</c> up to 100; <c>60000-</c> from there to 65535; <c>-</c> or <c>all</c>.</item>
/// <item><c>top:100</c>: the hundred ports most worth asking (<see cref="Top"/>).</item>
/// <item><c>ssh</c>, <c>http*</c>: the ports that have such a name (<see cref="PortNames"/>).</item>
/// <item><c>u:53</c>, <c>t:22</c>: of UDP, of TCP. The letter holds for all items behind it up to another letter: <c>u:53,123,t:22</c>.
/// What stands before any letter is TCP.</item>
/// <item><c>!8080</c>, <c>!u:53</c>, <c>!8000-8100</c>: not these, wherever it stands. Without a letter of its own it takes the ports from both.</item>
/// </list>
/// <para>There is no port 0 and none beyond 65535: both are refused, not dropped.</para>
/// </remarks>
public sealed class PortSet : IEquatable<PortSet>
{
    internal PortSet(PortList tcp, PortList udp)
    {
        Tcp = tcp;
        Udp = udp;
    }

    /// <summary>Every port of TCP, 1 to 65535.</summary>
    public static PortSet All { get; } = new(new PortList([(1, 65535)]), PortList.Empty);

    /// <summary>The ports of TCP.</summary>
    public PortList Tcp { get; }

    /// <summary>The ports of UDP.</summary>
    public PortList Udp { get; }

    /// <summary>How many ports there are, of both protocols together.</summary>
    public int Count => Tcp.Count + Udp.Count;

    /// <summary>The ports of TCP most worth asking, best first in the ranking: what servers listen on that people find.</summary>
    /// <param name="count">How many, 1 to the length of the ranking (1,000).</param>
    /// <exception cref="ArgumentOutOfRangeException">The ranking is not that long.</exception>
    public static PortSet Top(int count)
    {
        var bits = new PortBits();
        foreach (var port in PortTable.Top(isUdp: false, count))
            bits.Add(port, port);
        return new PortSet(bits.ToList(), PortList.Empty);
    }

    /// <summary>Some ports of TCP.</summary>
    /// <param name="ports">The ports, in any order.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is not from 1 to 65535.</exception>
    public static PortSet Of(params ReadOnlySpan<int> ports)
    {
        var bits = new PortBits();
        foreach (var port in ports)
            bits.Add(Checked(port, nameof(ports)), port);
        return new PortSet(bits.ToList(), PortList.Empty);
    }

    /// <summary>Reads a set; the remarks of this class have the syntax.</summary>
    /// <param name="text">The set as text.</param>
    /// <exception cref="FormatException">The text is none; the message names the item that is wrong, and why.</exception>
    public static PortSet Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return PortText.Parse(text, out var problem) ?? throw new FormatException(problem);
    }

    /// <summary>Reads a set; the remarks of this class have the syntax.</summary>
    /// <param name="text">The set as text.</param>
    /// <param name="ports">The set; null where the answer is false.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out PortSet? ports)
    {
        ports = text is null ? null : PortText.Parse(text, out _);
        return ports is not null;
    }

    /// <summary>
    /// The TCP ports of a range, <b>both ends included</b>, as ranges of ports are everywhere: <c>1..1024</c> is 1 to 1024, with 1024. This is
    /// not how C# slices arrays.
    /// </summary>
    /// <remarks>
    /// An open start is port 1, an open end 65535: <c>..1024</c>, <c>60000..</c>. C# writes an open start as 0, so <c>0..1024</c> is the same. <c>^n</c>
    /// counts from the end, where <c>^1</c> is 65535: <c>^100..</c> are the last hundred.
    /// </remarks>
    /// <param name="range">The range.</param>
    /// <exception cref="ArgumentOutOfRangeException">An end is no port, or the range ends before it starts.</exception>
    public static implicit operator PortSet(Range range)
    {
        var first = range.Start.IsFromEnd ? 65536 - range.Start.Value : Math.Max(range.Start.Value, 1);
        var last = range.End.IsFromEnd ? 65536 - Math.Max(range.End.Value, 1) : range.End.Value;
        Checked(first, nameof(range));
        Checked(last, nameof(range));
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first, nameof(range));
        return new PortSet(new PortList([((ushort)first, (ushort)last)]), PortList.Empty);
    }

    /// <summary>This set and another one.</summary>
    /// <param name="other">The other.</param>
    public PortSet With(PortSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new PortSet(PortBits.Of(Tcp).Add(other.Tcp).ToList(), PortBits.Of(Udp).Add(other.Udp).ToList());
    }

    /// <summary>This set without what is in another one. It may be empty.</summary>
    /// <param name="other">The other.</param>
    public PortSet Without(PortSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new PortSet(PortBits.Of(Tcp).Remove(other.Tcp).ToList(), PortBits.Of(Udp).Remove(other.Udp).ToList());
    }

    /// <inheritdoc/>
    public bool Equals(PortSet? other) => other is not null && Tcp.Equals(other.Tcp) && Udp.Equals(other.Udp);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PortSet);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Tcp, Udp);

    /// <summary>The set in its shortest spelling, which <see cref="Parse"/> reads back: <c>22,80-443,u:53</c>. An empty set is <c>none</c>, which it does not.</summary>
    public override string ToString() => Count == 0 ? "none" : Udp.Count == 0 ? Tcp.ToString() : Tcp.Count == 0 ? $"u:{Udp}" : $"{Tcp},u:{Udp}";

    private static int Checked(int port, string parameter) => port is >= 1 and <= 65535
        ? port
        : throw new ArgumentOutOfRangeException(parameter, port, "A port is from 1 to 65535.");
}

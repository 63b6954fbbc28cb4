using System.Globalization;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>Reads the syntax that <see cref="PortSet"/> documents.</summary>
internal static class PortText
{
    private const int Longest = 64 * 1024;

    /// <summary>The set, or null and the reason as a whole sentence.</summary>
    public static PortSet? Parse(ReadOnlySpan<char> text, out string problem)
    {
        problem = "";
        if (text.Length > Longest)
        {
            problem = $"Invalid ports: the text is longer than {Longest} characters.";
            return null;
        }
        var (tcp, udp) = (new PortBits(), new PortBits());
        var (noTcp, noUdp) = (new PortBits(), new PortBits());
        var isUdp = false;
        foreach (var part in text.Split(','))
        {
            var whole = text[part].Trim();
            var item = whole;
            var isExclusion = item.StartsWith('!');
            if (isExclusion)
                item = item[1..];
            var letter = Letter(ref item);
            if (!isExclusion)
                isUdp = letter ?? isUdp;
            var reason = isExclusion
                ? (letter == true ? null : Read(item, false, noTcp)) ?? (letter == false ? null : Read(item, true, noUdp))
                : Read(item, isUdp, isUdp ? udp : tcp);
            if (reason is null)
                continue;
            problem = $"Invalid ports: '{Printable.Text(whole, 60)}' {reason}.";
            return null;
        }
        var ports = new PortSet(tcp.Remove(noTcp.ToList()).ToList(), udp.Remove(noUdp.ToList()).ToList());
        if (ports.Count > 0)
            return ports;
        problem = $"Invalid ports: '{Printable.Text(text, 60)}' leaves no port.";
        return null;
    }

    /// <summary>Takes the letter of a protocol off an item: true for UDP, false for TCP, null for none.</summary>
    private static bool? Letter(ref ReadOnlySpan<char> item)
    {
        var colon = item.IndexOf(':');
        bool? isUdp = colon < 0 ? null : item[..colon] switch
        {
            "u" or "U" or "udp" or "UDP" => true,
            "t" or "T" or "tcp" or "TCP" => false,
            _ => null,
        };
        if (isUdp is not null)
            item = item[(colon + 1)..];
        return isUdp;
    }

    /// <summary>Adds what an item means; the reason where it means nothing.</summary>
    private static string? Read(ReadOnlySpan<char> item, bool isUdp, PortBits into)
    {
        if (item.IsEmpty)
            return "is empty: a port, a range or a name is missing";
        if (item is "all")
        {
            into.Add(1, 65535);
            return null;
        }
        if (item.StartsWith("top:"))
            return ReadTop(item[4..], isUdp, into);
        if (item.ContainsAnyExcept("0123456789-"))
            return ReadName(item, isUdp, into);
        var dash = item.IndexOf('-');
        if (!TryPort(dash < 0 ? item : item[..dash], 1, out var from) || !TryPort(dash < 0 ? item : item[(dash + 1)..], 65535, out var to))
            return "is not a port from 1 to 65535 or a range of such";
        if (to < from)
            return "ends before it starts";
        into.Add(from, to);
        return null;
    }

    private static string? ReadTop(ReadOnlySpan<char> text, bool isUdp, PortBits into)
    {
        var most = PortTable.TopCount(isUdp);
        if (text.Length > 5 || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count < 1 || count > most)
            return $"asks for another number than 1 to {most}, which is how many ports of {(isUdp ? "UDP" : "TCP")} are ranked";
        foreach (var port in PortTable.Top(isUdp, count))
            into.Add(port, port);
        return null;
    }

    private static string? ReadName(ReadOnlySpan<char> name, bool isUdp, PortBits into)
    {
        var isPrefix = name.EndsWith('*');
        var stem = isPrefix ? name[..^1] : name;
        if (stem.IsEmpty || stem.ContainsAnyExcept(PortTable.NameCharacters))
            return "is not a port, a range of ports or the name of a service";
        var found = false;
        foreach (var entry in PortTable.Entries(isUdp))
        {
            if (!(isPrefix ? entry.Name.StartsWith(stem, StringComparison.OrdinalIgnoreCase) : stem.Equals(entry.Name, StringComparison.OrdinalIgnoreCase)))
                continue;
            into.Add(entry.Port, entry.Port);
            found = true;
        }
        return found ? null : $"is the name of no service of {(isUdp ? "UDP" : "TCP")} that is known here";
    }

    /// <summary>A port; where there is none, what an open end means.</summary>
    private static bool TryPort(ReadOnlySpan<char> text, int open, out int port)
    {
        port = open;
        // Five digits at most, so nothing can overflow; NumberStyles.None takes neither sign nor blanks.
        return text.IsEmpty || (text.Length <= 5 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= 65535);
    }
}

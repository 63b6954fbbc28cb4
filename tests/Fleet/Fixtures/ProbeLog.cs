using System.Globalization;

namespace Codomyrmex.Networking.Tests.Fleet.Fixtures;

/// <summary>Every SYN that reached the target, with the kernel's time for it.</summary>
internal sealed class ProbeLog(int lines, IReadOnlyList<(long Nanoseconds, string From, string To, int Port)> probes)
{
    /// <summary>What a bucket of tokens lets through beside its rate, when it is handed on or its share changes.</summary>
    private const int Slack = 4;

    public const string Script = """
        import socket, struct, sys
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0800))
        raw.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)
        raw.setsockopt(socket.SOL_SOCKET, 35, 1)
        raw.bind(('eth0', 0x0800))
        log = open(sys.argv[1], 'w')
        print('ready', flush=True)
        count = 0
        while True:
            data, extra, _, source = raw.recvmsg(256, 256)
            if source[2] == 4 or len(data) < 54 or data[23] != 6:
                continue
            at = 14 + (data[14] & 15) * 4
            if data[at + 13] & 0x12 != 2:
                continue
            seconds, nanoseconds = struct.unpack('qq', extra[0][2][:16])
            log.write('%d %s %s %d\n' % (seconds * 1000000000 + nanoseconds, socket.inet_ntoa(data[26:30]), socket.inet_ntoa(data[30:34]), struct.unpack('!H', data[at + 2:at + 4])[0]))
            count += 1
            if count % 100 == 0:
                log.flush()
                print('seen', count, flush=True)
        """;

    /// <summary>The lines of the log so far, nmap's among them.</summary>
    public int Lines => lines;

    public IEnumerable<string> Machines => probes.Select(static probe => probe.From).Distinct().Order();

    /// <summary>Reads what was logged from a line on.</summary>
    public static ProbeLog Read(string path, int from)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        var probes = new List<(long, string, string, int)>();
        var lines = 0;
        for (; reader.ReadLine() is { } line; lines++)
        {
            // The hub's own are nmap's.
            if (lines >= from && line.Split(' ') is [var time, var source, var target, var port] && source != FleetLab.HubAddress)
                probes.Add((long.Parse(time, CultureInfo.InvariantCulture), source, target, int.Parse(port, CultureInfo.InvariantCulture)));
        }
        return new ProbeLog(lines, probes);
    }

    /// <summary>In no second, wherever it begins, were there more probes of all machines than the caps allow.</summary>
    public void Holds(int rate, int perHost, int perNetwork)
    {
        Assert.InRange(Most(static _ => ""), 1, rate + rate / 50 + Slack);
        Assert.InRange(Most(static probe => probe.To), 1, perHost + 2);
        Assert.InRange(Most(static probe => probe.To[..probe.To.LastIndexOf('.')]), 1, perNetwork + Slack);
    }

    private int Most(Func<(long Nanoseconds, string From, string To, int Port), string> key)
    {
        var most = 0;
        foreach (var times in probes.GroupBy(key).Select(static group => group.Select(static probe => probe.Nanoseconds).Order().ToArray()))
        {
            for (int first = 0, last = 0; last < times.Length; last++)
            {
                while (times[last] - times[first] >= 1_000_000_000)
                    first++;
                most = Math.Max(most, last - first + 1);
            }
        }
        return most;
    }
}

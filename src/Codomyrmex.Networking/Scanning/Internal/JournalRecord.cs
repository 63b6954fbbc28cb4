namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>What a journal knows of one protocol's ports.</summary>
internal sealed class JournalRecord
{
    // An hour, in microseconds.
    private const long LongestTrip = 3_600_000_000;

    private readonly Dictionary<long, HashSet<int>> _settled = [];
    private readonly HashSet<long> _done = [];
    private readonly List<(long Host, int Port, Finding Finding, long Micros)> _silent = [];

    /// <summary>What was reported: host, port, finding, round trip in microseconds or -1.</summary>
    public List<(long Host, int Port, Finding Finding, long Micros)> Found { get; } = [];

    /// <summary>Hosts that are done: how they ended, and how many ports of which state.</summary>
    public List<(long Host, HostEnd End, int Open, int Closed, int Filtered, int Silent)> Done { get; } = [];

    /// <summary>How many ports of a host in progress are in which state.</summary>
    public (int Open, int Closed, int Filtered) InProgress(long host)
    {
        if (!_settled.TryGetValue(host, out var settled))
            return default;
        var found = Found.Where(found => found.Host == host).Select(static found => found.Finding.State).ToList();
        var open = found.Count(static state => state == PortState.Open);
        var filtered = found.Count(static state => state == PortState.Filtered);
        return (open, settled.Count - open - filtered, filtered);
    }

    /// <summary>Hosts in progress.</summary>
    public IEnumerable<long> HostsInProgress => _settled.Keys;

    public bool IsDone(long host) => _done.Contains(host);

    /// <summary>The ports of a host in progress whose state is known.</summary>
    public IReadOnlyCollection<int> Settled(long host) => _settled.GetValueOrDefault(host) ?? [];

    /// <summary>Takes a line: its kind, its host, and what is said of it.</summary>
    /// <exception cref="FormatException">It makes no sense for a plan of so many hosts.</exception>
    public void Take(string kind, long[] values, long hosts)
    {
        if (values.Length == 0 || values[0] < 0 || values[0] >= hosts)
            throw new FormatException();
        switch (kind)
        {
            case "p" when values is [var host, >= 1 and <= 65535 and var port, var state, var reason, >= -1 and <= LongestTrip and var micros] && Enum.IsDefined((PortState)state) && Enum.IsDefined((PortReason)reason):
                var finding = new Finding((PortState)state, (PortReason)reason);
                // Silence is told of when a host is done: what was told half is told again.
                if (finding.Reason is PortReason.Timeout or PortReason.HostUnreachable)
                {
                    _silent.Add((host, (int)port, finding, micros));
                    break;
                }
                Found.Add((host, (int)port, finding, micros));
                Settle(host, values.AsSpan(1, 1));
                break;
            case "c" when values.Length > 1:
                Settle(values[0], values.AsSpan(1));
                break;
            case "h" when values.Length == 6 && Enum.IsDefined((HostEnd)values[1]) && !values.AsSpan(2).ContainsAnyExceptInRange(0, 65535):
                if (_done.Add(values[0]))
                    Done.Add((values[0], (HostEnd)values[1], (int)values[2], (int)values[3], (int)values[4], (int)values[5]));
                _settled.Remove(values[0]);
                Found.AddRange(_silent.Where(silent => silent.Host == values[0]));
                _silent.RemoveAll(silent => silent.Host == values[0]);
                break;
            default:
                throw new FormatException();
        }
    }

    private void Settle(long host, ReadOnlySpan<long> ports)
    {
        if (_done.Contains(host))
            return;
        if (!_settled.TryGetValue(host, out var settled))
            _settled[host] = settled = [];
        foreach (var port in ports)
            settled.Add(checked((ushort)port));
    }
}

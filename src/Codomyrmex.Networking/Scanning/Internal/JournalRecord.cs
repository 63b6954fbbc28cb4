namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>What a journal knows of one protocol's ports.</summary>
internal sealed class JournalRecord
{
    private readonly Dictionary<long, HashSet<int>> _settled = [];
    private readonly HashSet<long> _done = [];
    private readonly List<(long Host, int Port, Finding Finding, long Micros)> _silent = [];

    /// <summary>What was reported: host, port, finding, round trip in microseconds or -1.</summary>
    public List<(long Host, int Port, Finding Finding, long Micros)> Found { get; } = [];

    /// <summary>Hosts that are done: how they ended, and how many ports of which state.</summary>
    public List<(HostEnd End, int Open, int Closed, int Filtered, int Silent)> Done { get; } = [];

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
    public void Take(string kind, long[] values)
    {
        switch (kind)
        {
            case "p" when values.Length == 5 && Enum.IsDefined((PortState)values[2]) && Enum.IsDefined((PortReason)values[3]):
                var found = (values[0], (int)values[1], new Finding((PortState)values[2], (PortReason)values[3]), values[4]);
                // Silence is told of when a host is done: what was told half is told again.
                if (found.Item3.Reason is PortReason.Timeout or PortReason.HostUnreachable)
                {
                    _silent.Add(found);
                    break;
                }
                Found.Add(found);
                Settle(values[0], values.AsSpan(1, 1));
                break;
            case "c" when values.Length > 1:
                Settle(values[0], values.AsSpan(1));
                break;
            case "h" when values.Length == 6 && Enum.IsDefined((HostEnd)values[1]):
                if (_done.Add(values[0]))
                    Done.Add(((HostEnd)values[1], (int)values[2], (int)values[3], (int)values[4], (int)values[5]));
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

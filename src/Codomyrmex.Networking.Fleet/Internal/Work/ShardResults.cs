using System.Text.Json;
using Codomyrmex.Networking.Fleet.Internal.Campaigns;
using Codomyrmex.Networking.Fleet.Internal.Planning;
using Codomyrmex.Networking.Scanning;

namespace Codomyrmex.Networking.Fleet.Internal.Work;

/// <summary>What a run has found and not yet written down. Safe to share between threads.</summary>
internal sealed class ShardResults(ShardCells cells)
{
    private readonly Lock _lock = new();
    private List<(int Cell, PortResult Result)> _waiting = [];
    private bool _isCutOff;

    public void Add(PortResult result)
    {
        if (cells.Of(result.Address, result.Protocol, result.Port) is not (>= 0 and var cell))
            return;
        lock (_lock)
        {
            if (!_isCutOff || !IsSilence(result))
                _waiting.Add((cell, result));
        }
    }

    /// <summary>
    /// The machine's lease is over, maybe since it is cut off: what it heard is true all the same, but that it heard nothing says nothing. That is dropped, from now on as well.
    /// </summary>
    public void CutOff()
    {
        lock (_lock)
        {
            _isCutOff = true;
            _waiting.RemoveAll(static waiting => IsSilence(waiting.Result));
        }
    }

    /// <summary>Takes what waits.</summary>
    public List<(int Cell, PortResult Result)> Take()
    {
        lock (_lock)
        {
            var taken = _waiting;
            _waiting = [];
            return taken;
        }
    }

    /// <summary>Gives back what could not be written.</summary>
    public void Return(List<(int Cell, PortResult Result)> taken)
    {
        lock (_lock)
        {
            if (_isCutOff)
                taken.RemoveAll(static waiting => IsSilence(waiting.Result));
            _waiting.InsertRange(0, taken);
        }
    }

    public static ShardCommit CommitOf(List<(int Cell, PortResult Result)> taken, int cells, long probes, bool isComplete)
    {
        return new ShardCommit
        {
            Cells = cells,
            Probes = probes,
            IsComplete = isComplete,
            Open = [.. taken.Where(static one => one.Result.State == PortState.Open).Select(static one => Record(one.Cell, one.Result))],
            Closed = Of(PortState.Closed),
            Filtered = Of(PortState.Filtered),
            OpenOrFiltered = Of(PortState.OpenOrFiltered),
        };

        int[] Of(PortState state) => [.. taken.Where(one => one.Result.State == state).Select(static one => one.Cell)];
    }

    private static FindingRecord Record(int cell, PortResult result) => new()
    {
        Cell = cell,
        Host = result.Host,
        Address = result.Address.ToString(),
        Port = result.Port,
        Protocol = (int)result.Protocol,
        Reason = (int)result.Reason,
        RoundTrip = result.RoundTrip is { } time ? (long)time.TotalMicroseconds : -1,
        Service = result.Service is { } service ? JsonSerializer.Serialize(service) : null,
    };

    private static bool IsSilence(PortResult result) => result.Reason is PortReason.Timeout or PortReason.HostUnreachable or PortReason.LocalRefused;
}

using Codomyrmex.Networking.Scanning.Internal;

namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>Which shards of one part are done, who has which, and which is next, in the order that the seed gives. Used by one grain.</summary>
/// <remarks>One that is set aside has nothing more that the plan in force asks; what else it has is for a plan to come.</remarks>
internal sealed class ShardQueue
{
    private readonly byte[] _done;
    private readonly HashSet<int> _aside;
    private readonly Permutation _order;
    private readonly Dictionary<int, string> _owners = [];
    private readonly Queue<int> _returned = [];
    private ulong _next;

    /// <param name="count">How many shards there are.</param>
    /// <param name="done">A bit for each that is done; changed as more are.</param>
    /// <param name="aside">Those that are set aside; changed as more are.</param>
    /// <param name="seed">Chooses the order.</param>
    public ShardQueue(int count, byte[] done, HashSet<int> aside, ulong seed)
    {
        (_done, _aside) = (done, aside);
        _order = new Permutation((ulong)count, seed);
        Left = count;
        for (var shard = 0; shard < count; shard++)
            Left -= IsOver(shard) ? 1 : 0;
    }

    /// <summary>Shards that are neither done nor set aside.</summary>
    public int Left { get; private set; }

    public IReadOnlyDictionary<int, string> Owners => _owners;

    private bool IsDone(int shard) => (_done[shard >> 3] & (1 << (shard & 7))) != 0;

    private bool IsOver(int shard) => IsDone(shard) || _aside.Contains(shard);

    /// <summary>Gives a machine a shard; null where none is free.</summary>
    public int? Take(string machine)
    {
        while (_returned.TryDequeue(out var returned))
        {
            if (!IsOver(returned) && _owners.TryAdd(returned, machine))
                return returned;
        }
        while (_next < _order.Count)
        {
            var shard = (int)_order[_next++];
            if (!IsOver(shard) && _owners.TryAdd(shard, machine))
                return shard;
        }
        return null;
    }

    /// <summary>A shard is done, whoever says so; false where that was known.</summary>
    public bool Finish(int shard)
    {
        _owners.Remove(shard);
        if (IsDone(shard))
            return false;
        _done[shard >> 3] |= (byte)(1 << (shard & 7));
        Left -= _aside.Remove(shard) ? 0 : 1;
        return true;
    }

    /// <summary>Nothing of a shard is to be asked for now.</summary>
    public void SetAside(int shard)
    {
        _owners.Remove(shard);
        if (!IsOver(shard) && _aside.Add(shard))
            Left--;
    }

    /// <summary>There is another plan: what was set aside may be asked.</summary>
    public void Reopen()
    {
        Left += _aside.Count;
        foreach (var shard in _aside)
            _returned.Enqueue(shard);
        _aside.Clear();
    }

    /// <summary>Takes back all that a machine has.</summary>
    public void Return(string machine)
    {
        foreach (var shard in _owners.Where(owner => owner.Value == machine).Select(static owner => owner.Key).ToList())
        {
            _owners.Remove(shard);
            _returned.Enqueue(shard);
        }
    }
}

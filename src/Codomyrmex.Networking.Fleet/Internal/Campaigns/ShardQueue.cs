using Codomyrmex.Networking.Scanning.Internal;

namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>Which shards of one part are done, who has which, and which is next, in the order that the seed gives. Used by one grain.</summary>
internal sealed class ShardQueue
{
    private readonly byte[] _done;
    private readonly Permutation _order;
    private readonly Dictionary<int, string> _owners = [];
    private readonly Queue<int> _returned = [];
    private ulong _next;

    /// <param name="count">How many shards there are.</param>
    /// <param name="done">A bit for each that is done; changed as more are.</param>
    /// <param name="seed">Chooses the order.</param>
    public ShardQueue(int count, byte[] done, ulong seed)
    {
        _done = done;
        _order = new Permutation((ulong)count, seed);
        Left = count;
        for (var shard = 0; shard < count; shard++)
            Left -= IsDone(shard) ? 1 : 0;
    }

    /// <summary>Shards that are not done.</summary>
    public int Left { get; private set; }

    public IReadOnlyDictionary<int, string> Owners => _owners;

    public bool IsDone(int shard) => (_done[shard >> 3] & (1 << (shard & 7))) != 0;

    /// <summary>Gives a machine a shard; null where none is free.</summary>
    public int? Take(string machine)
    {
        while (_returned.TryDequeue(out var returned))
        {
            if (!IsDone(returned) && _owners.TryAdd(returned, machine))
                return returned;
        }
        while (_next < _order.Count)
        {
            var shard = (int)_order[_next++];
            if (!IsDone(shard) && _owners.TryAdd(shard, machine))
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
        Left--;
        return true;
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

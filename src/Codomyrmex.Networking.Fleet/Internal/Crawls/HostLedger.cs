namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>
/// Which machine has which host until when, and how many pages it may still begin. A host is given to another machine only when the one that had it says that it has left it, or when all
/// that it was ever told is over. The pages that may be begun never add up to more than there is room for. Used by one grain.
/// </summary>
/// <param name="clock">The clock.</param>
/// <param name="isDone">Whether nothing is left to do at a host.</param>
internal sealed class HostLedger(TimeProvider clock, Func<int, bool> isDone)
{
    private readonly Dictionary<string, Account> _accounts = [];
    private readonly Queue<int> _free = [];
    private readonly HashSet<int> _isFree = [];

    public int Machines => _accounts.Count;

    /// <summary>Pages that may be under way.</summary>
    public long Pages => _accounts.Values.Sum(static account => (long)account.UnderWay + account.Left);

    /// <summary>Whether no machine has anything.</summary>
    public bool IsQuiet => _accounts.Values.All(static account => account.Hosts.Count == 0);

    public IEnumerable<(string Machine, string Name, int Hosts)> All => _accounts.Select(static pair => (pair.Key, pair.Value.Name, pair.Value.Hosts.Count));

    /// <summary>There is something to do at a host; nothing happens where a machine has it.</summary>
    public void Free(int host)
    {
        if (_isFree.Contains(host) || _accounts.Values.Any(account => account.Hosts.Contains(host)))
            return;
        _isFree.Add(host);
        _free.Enqueue(host);
    }

    /// <summary>Takes in what a machine tells; false where a later request of it has come before.</summary>
    /// <param name="request">What it tells.</param>
    /// <param name="until">Until when it is waited for, as a time stamp, if nothing is lent to it: what it says that it could still begin counts as long.</param>
    public bool Take(CrawlRequest request, long until)
    {
        if (!_accounts.TryGetValue(request.Machine, out var account))
            _accounts[request.Machine] = account = new Account { Name = request.Name };
        if (request.Sequence <= account.Sequence)
            return false;
        account.Sequence = request.Sequence;
        account.Until = Math.Max(account.Until, until);
        (account.UnderWay, account.Left) = (request.UnderWay, request.Left);
        // It asks one thing after the other, so what it does not have now it has not been given, or has left.
        var left = account.Hosts.Except(request.Held).ToList();
        account.Hosts.ExceptWith(left);
        Return(left);
        return true;
    }

    /// <summary>Gives a machine its hosts.</summary>
    /// <param name="machine">Who.</param>
    /// <param name="room">The most hosts that it can have; 0 for none any longer.</param>
    /// <param name="until">When the lease ends for who gives it, as a time stamp.</param>
    /// <returns>Those that it may ask: not those that it has to leave to others.</returns>
    public int[] Lend(string machine, int room, long until)
    {
        var account = _accounts[machine];
        account.Until = until;
        var all = _isFree.Count + _accounts.Values.Sum(static other => other.Hosts.Count);
        var share = Math.Min(room, (all + _accounts.Count - 1) / _accounts.Count);
        while (account.Hosts.Count < share && _free.TryDequeue(out var host))
        {
            _isFree.Remove(host);
            if (!isDone(host))
                account.Hosts.Add(host);
        }
        return [.. account.Hosts.Take(share)];
    }

    /// <summary>Lets a machine begin with pages.</summary>
    /// <param name="machine">Who.</param>
    /// <param name="wants">How many it could begin.</param>
    /// <param name="room">How many all machines together may have begun with, beyond those that are written down.</param>
    public int LendPages(string machine, int wants, long room)
    {
        var account = _accounts[machine];
        // Some are left for those who ask next. What it has it keeps: it may not hear of less.
        var rest = Math.Max(0, room - Pages);
        var more = Math.Min(Math.Max(0, wants - account.Left), (rest + _accounts.Count - 1) / _accounts.Count);
        return account.Left += (int)more;
    }

    /// <summary>A machine says that it has stopped.</summary>
    public void Remove(string machine)
    {
        if (_accounts.Remove(machine, out var account))
            Return(account.Hosts);
    }

    /// <summary>Ends what is over.</summary>
    public void Expire()
    {
        var now = clock.GetTimestamp();
        foreach (var machine in _accounts.Where(account => account.Value.Until <= now).Select(static account => account.Key).ToList())
            Remove(machine);
    }

    private void Return(IEnumerable<int> hosts)
    {
        foreach (var host in hosts.Where(host => !isDone(host)).ToList())
            Free(host);
    }

    private sealed class Account
    {
        public required string Name { get; init; }

        public SortedSet<int> Hosts { get; } = [];

        public long Sequence { get; set; }

        public long Until { get; set; }

        public int UnderWay { get; set; }

        public int Left { get; set; }
    }
}

namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>
/// Who may send how many probes a second until when. The sum of all that is lent never exceeds the cap, whatever messages are lost: a rate that was offered counts until it is over or
/// a later one is known to have taken its place. Used by one grain.
/// </summary>
internal sealed class RateLedger(TimeProvider clock)
{
    private readonly Dictionary<string, Account> _accounts = [];

    /// <summary>Probes a second of all together; infinite for no limit.</summary>
    public double Cap { get; set; } = double.PositiveInfinity;

    /// <summary>What is lent at this moment.</summary>
    public double Lent => _accounts.Values.Sum(static account => account.Exposure);

    /// <summary>What is lent to a machine at this moment.</summary>
    public double LentTo(string machine) => _accounts.TryGetValue(machine, out var account) ? account.Exposure : 0;

    /// <summary>A machine says that it has stopped.</summary>
    public void Remove(string machine) => _accounts.Remove(machine);

    /// <summary>Lends a machine its share.</summary>
    /// <param name="machine">Who.</param>
    /// <param name="applied">The number of the loan that it goes by now; 0 for none.</param>
    /// <param name="wants">The most that it can use; 0 where it has nothing to do.</param>
    /// <param name="until">When the loan ends for who gives it, as a timestamp.</param>
    /// <returns>The loan's number, and its rate.</returns>
    public (long Number, double Rate) Lend(string machine, long applied, double wants, long until)
    {
        if (!_accounts.TryGetValue(machine, out var account))
            _accounts[machine] = account = new Account();
        account.Wants = wants;
        account.Loans.RemoveAll(loan => loan.Number < applied);
        var others = _accounts.Where(other => other.Key != machine).Sum(static other => other.Value.Exposure);
        var rate = double.IsPositiveInfinity(Cap) ? wants : Math.Max(0, Math.Min(Share(account), Cap - others));
        account.Loans.Add((++account.Last, rate, until));
        return (account.Last, rate);
    }

    /// <summary>Ends what is over.</summary>
    /// <returns>The machines that have nothing any more.</returns>
    public List<string> Expire()
    {
        var now = clock.GetTimestamp();
        var gone = new List<string>();
        foreach (var (machine, account) in _accounts)
        {
            account.Loans.RemoveAll(loan => loan.Until <= now);
            if (account.Loans.Count == 0)
                gone.Add(machine);
        }
        foreach (var machine in gone)
            _accounts.Remove(machine);
        return gone;
    }

    /// <summary>The equal share; what others cannot use is shared by those who can.</summary>
    private double Share(Account asked)
    {
        var left = Cap;
        var waiting = _accounts.Values.Where(static account => account.Wants > 0).OrderBy(static account => account.Wants).ToList();
        for (var i = 0; i < waiting.Count; i++)
        {
            var share = Math.Min(waiting[i].Wants, left / (waiting.Count - i));
            if (waiting[i] == asked)
                return share;
            left -= share;
        }
        return 0;
    }

    private sealed class Account
    {
        public List<(long Number, double Rate, long Until)> Loans { get; } = [];

        public long Last { get; set; }

        public double Wants { get; set; }

        /// <summary>The most that the machine may send, as far as is known here.</summary>
        public double Exposure => Loans.Count == 0 ? 0 : Loans.Max(static loan => loan.Rate);
    }
}

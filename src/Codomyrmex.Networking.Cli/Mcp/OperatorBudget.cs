using System.Globalization;

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>
/// What all calls together may cost, as the operator says: requests, bytes, time, hosts. What is spent stays spent until the server is started anew. Thread-safe.
/// </summary>
internal sealed class OperatorBudget(long requests, long bytes, TimeSpan time, int hosts, TimeProvider clock)
{
    private readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly Lock _lock = new();
    private long _requestsSpent;
    private long _bytesSpent;
    private TimeSpan _timeSpent;

    public long RequestsLeft => Locked(() => requests - _requestsSpent);

    public long BytesLeft => Locked(() => Math.Max(0, bytes - _bytesSpent));

    public TimeSpan TimeLeft => Locked(() => time > _timeSpent ? time - _timeSpent : TimeSpan.Zero);

    public int HostsLeft => Locked(() => hosts - _hosts.Count);

    /// <summary>Sets aside what a call may cost.</summary>
    /// <param name="atMost">Bytes that it takes in at most.</param>
    /// <param name="longest">Time that it takes at most.</param>
    /// <exception cref="NetworkException">Something is used up.</exception>
    public BudgetLease Begin(long atMost, TimeSpan longest)
    {
        lock (_lock)
        {
            if (_timeSpent >= time)
                throw Spent(ErrorCodes.BudgetTime, time.TotalSeconds, "seconds that calls may take", "--max-seconds");
            if (_bytesSpent >= bytes)
                throw Spent(ErrorCodes.BudgetBytes, bytes, "bytes", "--max-bytes");
            TakeRequest();
            var granted = Math.Min(bytes - _bytesSpent, atMost);
            _bytesSpent += granted;
            var left = time - _timeSpent;
            var allotted = left < longest ? left : longest;
            _timeSpent += allotted;
            return new BudgetLease(this, granted, allotted, clock.GetTimestamp());
        }
    }

    public void SpendRequest()
    {
        lock (_lock)
            TakeRequest();
    }

    public void SpendHost(string host)
    {
        lock (_lock)
        {
            if (_hosts.Contains(host))
                return;
            if (_hosts.Count >= hosts)
                throw Spent(ErrorCodes.BudgetHosts, hosts, "hosts", "--max-hosts");
            _hosts.Add(host);
        }
    }

    public void Return(long unspent, TimeSpan allotted, long startedAt)
    {
        lock (_lock)
        {
            _bytesSpent -= unspent;
            _timeSpent += clock.GetElapsedTime(startedAt) - allotted;
        }
    }

    private void TakeRequest()
    {
        if (_requestsSpent >= requests)
            throw Spent(ErrorCodes.BudgetRequests, requests, "requests", "--max-requests");
        _requestsSpent++;
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_lock)
            return read();
    }

    private static NetworkException Spent(string code, double limit, string what, string option) => new NetworkFailure
    {
        Code = code,
        Message = string.Create(CultureInfo.InvariantCulture, $"The operator's budget of {limit:0.###} {what} is used up. No tool can change that: tell the person who runs this server ({option})."),
        Phase = NetworkPhase.Prepare,
        IsTransient = false,
        WasSent = WasSent.Never,
    }.ToException();
}

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>What one call may take of the budget: set aside when it begins, and what it did not take given back at its end.</summary>
internal sealed class BudgetLease(OperatorBudget budget, long bytes, TimeSpan time, long startedAt) : IDisposable
{
    private long _spent;
    private bool _isOver;

    /// <summary>Bytes that it may still take in.</summary>
    public long Bytes => Math.Max(0, bytes - Volatile.Read(ref _spent));

    /// <summary>Time that it may take.</summary>
    public TimeSpan Time => time;

    /// <summary>Bytes came in.</summary>
    public void Spend(long count) => Interlocked.Add(ref _spent, count);

    /// <summary>One more request goes out for the same call: a redirect, robots.txt.</summary>
    /// <exception cref="NetworkException">There is none left.</exception>
    public void SpendRequest() => budget.SpendRequest();

    /// <summary>A host is to be spoken to.</summary>
    /// <exception cref="NetworkException">It would be one host too many.</exception>
    public void SpendHost(string host) => budget.SpendHost(host);

    public void Dispose()
    {
        if (_isOver)
            return;
        _isOver = true;
        // Below zero where the last piece was longer than what was left: it came, so it counts.
        budget.Return(bytes - Volatile.Read(ref _spent), time, startedAt);
    }
}

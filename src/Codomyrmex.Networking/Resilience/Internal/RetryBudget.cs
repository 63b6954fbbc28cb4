namespace Codomyrmex.Networking.Resilience.Internal;

/// <summary>
/// The retries that one host may still cause: every request pays in a part of one, every retry takes one out. However badly the host
/// fails, traffic to it stays within a small factor of what callers asked for. Thread-safe.
/// </summary>
internal sealed class RetryBudget(RetryOptions options)
{
    private const int Scale = 1000;
    private long _balance = (long)options.BudgetReserve * Scale;

    public void Deposit(RetryOptions rules)
    {
        var cap = (long)rules.BudgetReserve * Scale;
        if (Volatile.Read(ref _balance) < cap)
            Interlocked.Add(ref _balance, (long)(rules.BudgetRatio * Scale));
    }

    /// <summary>Takes back what was withdrawn and not used.</summary>
    public void Refund() => Interlocked.Add(ref _balance, Scale);

    public bool TryWithdraw()
    {
        if (Interlocked.Add(ref _balance, -Scale) >= 0)
            return true;
        Interlocked.Add(ref _balance, Scale);
        return false;
    }
}

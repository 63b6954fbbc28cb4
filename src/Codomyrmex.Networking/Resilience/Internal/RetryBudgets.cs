using System.Collections.Concurrent;

namespace Codomyrmex.Networking.Resilience.Internal;

/// <summary>One budget for each endpoint, for as many endpoints as a process talks to at a time.</summary>
internal sealed class RetryBudgets
{
    private const int Kept = 4096;
    private readonly ConcurrentDictionary<(string Host, int Port), RetryBudget> _budgets = new();

    public RetryBudget For(string host, int port, RetryOptions options)
    {
        if (_budgets.TryGetValue((host, port), out var budget))
            return budget;
        // A crawler meets many hosts: starting again with full reserves is harmless.
        if (_budgets.Count >= Kept)
            _budgets.Clear();
        return _budgets.GetOrAdd((host, port), static (_, rules) => new RetryBudget(rules), options);
    }
}

using Codomyrmex.Networking.Resilience.Internal;

namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>Decides whether a transfer goes on after a connection broke, and after how long; keeps the account of it. Thread-safe.</summary>
internal sealed class ResumeRules(RemoteFile remote)
{
    // What brought less is no progress: a server that breaks off at once must not be asked forever.
    private const long LeastProgress = 64 * 1024;
    private const int MostResumes = 1000;

    private readonly Lock _lock = new();
    private readonly List<Attempt> _failed = [];
    private int _fruitless;

    /// <summary>The connections that broke, in order.</summary>
    public IReadOnlyList<Attempt> Failed
    {
        get
        {
            lock (_lock)
                return [.. _failed];
        }
    }

    /// <summary>The wait before going on; null to give up.</summary>
    /// <param name="failure">What broke the connection.</param>
    /// <param name="kept">How many bytes it had brought that need not be fetched again.</param>
    /// <param name="openedAt">When it was opened.</param>
    public TimeSpan? NextWait(NetworkException failure, long kept, long openedAt)
    {
        if (!failure.IsTransient || failure is NetworkTimeoutException { Kind: TimeoutKind.Total })
            return null;
        lock (_lock)
        {
            var hasProgress = kept >= LeastProgress;
            if (hasProgress)
                _fruitless = 0;
            if (_failed.Count >= MostResumes)
                return null;
            // Going on after progress asks for nothing twice, so it is not charged to the host's budget.
            var wait = Backoff.Next(remote.Retry, hasProgress ? null : remote.Budget, _fruitless, remote.Deadline, failure.RetryAfter);
            if (wait is null)
                return null;
            _fruitless++;
            var address = failure.Attempts.Count > 0 ? failure.Attempts[^1].Address : remote.Endpoint.ToString();
            _failed.Add(new Attempt(address, remote.Clock.GetElapsedTime(openedAt), failure.Code));
            return wait;
        }
    }
}

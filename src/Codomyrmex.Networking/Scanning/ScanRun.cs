using Codomyrmex.Networking.Scanning.Internal;

namespace Codomyrmex.Networking.Scanning;

/// <summary>A scan under way: its findings as they are made, to be enumerated once, and how far it has come, to be read at any time by any thread.</summary>
/// <remarks>The enumeration ends with an <see cref="OperationCanceledException"/> where the scan is cancelled, and with a <see cref="NetworkException"/> where
/// nothing of the plan may or can be scanned. Leaving it early stops the scan.</remarks>
public sealed class ScanRun : IAsyncEnumerable<PortResult>
{
    private readonly ScanExecution _execution;
    private readonly CancellationToken _cancellationToken;
    private int _isTaken;

    internal ScanRun(ScanExecution execution, CancellationToken cancellationToken)
    {
        _execution = execution;
        _cancellationToken = cancellationToken;
    }

    /// <summary>The plan.</summary>
    public ScanPlan Plan => _execution.Plan;

    /// <summary>How far the scan has come.</summary>
    public ScanStatistics Statistics => _execution.Statistics();

    /// <summary>How the scan went, once it is over; also after a cancellation.</summary>
    /// <exception cref="InvalidOperationException">The scan is not over.</exception>
    public ScanSummary Summary => _execution.Summary ?? throw new InvalidOperationException("The scan is not over.");

    /// <summary>The scan as a report, once it is over.</summary>
    /// <param name="results">What was found.</param>
    /// <exception cref="InvalidOperationException">The scan is not over.</exception>
    public ScanReport ReportOf(IEnumerable<PortResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        return new ScanReport
        {
            Targets = Plan.Targets.ToString(),
            Ports = Plan.Ports.ToString(),
            StartedAt = _execution.StartedAt,
            Results = [.. results.OrderBy(static result => IPBits.From(result.Address), AddressOrder.Instance).ThenBy(static result => result.Protocol).ThenBy(static result => result.Port)],
            Summary = Summary,
        };
    }

    /// <summary>Starts the scan.</summary>
    /// <param name="cancellationToken">Cancels the scan, beside the token that was given with the plan.</param>
    /// <exception cref="InvalidOperationException">It has been enumerated before.</exception>
    public async IAsyncEnumerator<PortResult> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isTaken, 1) != 0)
            throw new InvalidOperationException("A scan is enumerated once.");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_cancellationToken, cancellationToken);
        var work = _execution.RunAsync(stop.Token);
        var isRead = false;
        try
        {
            await foreach (var result in _execution.Results.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
                yield return result;
            isRead = true;
        }
        finally
        {
            if (!isRead)
            {
                await stop.CancelAsync().ConfigureAwait(false);
                await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        try
        {
            await work.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            throw new OperationCanceledException(_cancellationToken.IsCancellationRequested ? _cancellationToken : cancellationToken);
        }
    }
}

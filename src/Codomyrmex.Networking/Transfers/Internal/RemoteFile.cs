using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Resilience.Internal;

namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>The remote side of a download, whatever protocol speaks to it. Thread-safe.</summary>
internal abstract class RemoteFile
{
    /// <summary>Where the bytes come from, secrets masked. What an earlier run left counts only where this is the same.</summary>
    public abstract string Source { get; }

    public abstract Endpoint Endpoint { get; }

    public abstract TimeProvider Clock { get; }

    public abstract RetryOptions Retry { get; }

    public abstract RetryBudget? Budget { get; }

    /// <summary>When the whole transfer must be over.</summary>
    public abstract Deadline Deadline { get; }

    /// <summary>Whether it has shown that offsets are not to be had from it, whatever it says.</summary>
    public abstract bool RefusesRanges { get; }

    /// <summary>
    /// Opens the file at an offset, provided it is still the one that the validator names; opens it from its beginning where it is not,
    /// or where offsets are not to be had. Tries again by itself within <see cref="Retry"/>.
    /// </summary>
    /// <param name="from">The first byte wanted; 0 without a validator.</param>
    /// <param name="to">The offset behind the last byte wanted; null for the end.</param>
    /// <param name="validator">What the content must still be; null for any.</param>
    /// <param name="cancellationToken">Cancels opening and reading.</param>
    public abstract Task<RemotePart> OpenAsync(long from, long? to, string? validator, CancellationToken cancellationToken);

    /// <summary>The error for a part that ended before its time.</summary>
    public abstract NetworkException EndedEarly(long at, long expected);
}

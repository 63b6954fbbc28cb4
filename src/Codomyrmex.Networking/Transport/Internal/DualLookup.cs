namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>IPv4 and IPv6 addresses of a name, asked for at the same time (RFC 8305, section 3).</summary>
internal sealed class DualLookup(Func<string, DnsRecordType, CancellationToken, Task<ResolvedAddresses>> ask, TimeProvider clock)
{
    // After an answer without the other family, that family gets another chance soon.
    private static readonly TimeSpan PartialTimeToLive = TimeSpan.FromSeconds(10);

    internal async Task<ResolvedAddresses> RunAsync(string name, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var six = TryAsync(name, DnsRecordType.AAAA, stop.Token);
        var four = TryAsync(name, DnsRecordType.A, stop.Token);
        var first = await Task.WhenAny(six, four).ConfigureAwait(false);
        var second = first == six ? four : six;
        if ((await first.ConfigureAwait(false)).Found is null)
            await second.ConfigureAwait(false);
        else
        {
            try
            {
                // Some servers never answer for one family: the other one is not held up by more than a lost packet costs.
                await second.WaitAsync(DnsExchange.FirstWait, clock, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                await stop.CancelAsync().ConfigureAwait(false);
            }
        }
        return Merge(Ended(six), Ended(four));
    }

    // IPv6 first, as RFC 6724 prefers it; the dialer alternates between the families.
    private static ResolvedAddresses Merge(Outcome? six, Outcome? four)
    {
        if (six?.Found is { } left && four?.Found is { } right)
            return new ResolvedAddresses([.. left.Addresses, .. right.Addresses], Shorter(left.TimeToLive, right.TimeToLive));
        var (found, other) = six?.Found is not null ? (six.Found, four) : (four?.Found, six);
        if (found is not null)
            return other?.Failure?.Code == ErrorCodes.DnsNotFound ? found : found with { TimeToLive = Shorter(found.TimeToLive, PartialTimeToLive) };
        var (one, two) = (four!.Failure!, six!.Failure!);
        // Where one family is said not to exist and the other could not be learnt, asking again may help.
        var telling = one.Code == ErrorCodes.DnsNotFound ? two : one;
        throw (telling.Failure with
        {
            Attempts = [.. one.Attempts, .. two.Attempts],
            Elapsed = one.Elapsed > two.Elapsed ? one.Elapsed : two.Elapsed,
        }).ToException(telling.InnerException);
    }

    private static Outcome? Ended(Task<Outcome> task) => task.IsCompletedSuccessfully ? task.Result : null;

    private static TimeSpan? Shorter(TimeSpan? one, TimeSpan? other) => one < other ? one : other;

    private async Task<Outcome> TryAsync(string name, DnsRecordType type, CancellationToken cancellationToken)
    {
        try
        {
            return new Outcome(await ask(name, type, cancellationToken).ConfigureAwait(false), null);
        }
        catch (NetworkException error)
        {
            return new Outcome(null, error);
        }
    }

    private sealed record Outcome(ResolvedAddresses? Found, NetworkException? Failure);
}

using Codomyrmex.Networking.Fleet.Internal.Campaigns;
using Codomyrmex.Networking.Fleet.Internal.Crawls;

namespace Codomyrmex.Networking.Fleet;

public sealed partial class FleetClient
{
    private const int ForgottenAtOnce = 32;

    /// <summary>
    /// Forgets a campaign or a crawl that is over: it is taken out of the list, and all that the fleet keeps of it is deleted, what it found as well. Where that is interrupted, it is gone
    /// from the status already, and whoever asks again deletes the rest. One that there is not is left at that.
    /// </summary>
    /// <param name="id">The campaign or crawl.</param>
    /// <param name="cancellationToken">Cancels the wait; what is not deleted by then is left.</param>
    /// <exception cref="NetworkException">It is not over (<c>fleet.no_campaign</c>), or no machine answered.</exception>
    public async Task ForgetAsync(string id, CancellationToken cancellationToken = default)
    {
        if (await TryForgetAsync(id, cancellationToken).ConfigureAwait(false) is { } refusal)
            throw refusal.ToException();
    }

    /// <summary>Forgets all campaigns and crawls that are over, as <see cref="ForgetAsync"/> does, and what is left of those that were not forgotten wholly.</summary>
    /// <param name="cancellationToken">Cancels the wait; what is not deleted by then is left.</param>
    /// <returns>Their names, oldest first.</returns>
    /// <exception cref="NetworkException">No machine answered.</exception>
    public async Task<IReadOnlyList<string>> ForgetAllAsync(CancellationToken cancellationToken = default)
    {
        var forgotten = new List<string>();
        foreach (var id in await CallAsync(_grains.GetGrain<IFleetGrain>(0).CampaignsAsync, cancellationToken).ConfigureAwait(false))
        {
            if (await TryForgetAsync(id, cancellationToken).ConfigureAwait(false) is null)
                forgotten.Add(id);
        }
        return forgotten;
    }

    private async Task<Refusal?> TryForgetAsync(string id, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        if (CrawlId.Is(id))
        {
            var crawl = Crawl(id);
            var hosts = await CallAsync(crawl.ForgetAsync, cancellationToken).ConfigureAwait(false);
            if (hosts.Refusal is not null)
                return hosts.Refusal;
            await EachAsync(hosts.Origins, origin => _grains.GetGrain<IHostGrain>(HostKey.Of(id, origin)).ForgetAsync(), cancellationToken).ConfigureAwait(false);
            await CallAsync(crawl.ClearAsync, cancellationToken).ConfigureAwait(false);
            return null;
        }
        var campaign = Campaign(id);
        var remains = await CallAsync(campaign.ForgetAsync, cancellationToken).ConfigureAwait(false);
        if (remains.Refusal is not null)
            return remains.Refusal;
        await EachAsync(remains.Shards, shard => _grains.GetGrain<IShardGrain>(shard.Of(id)).ForgetAsync(), cancellationToken).ConfigureAwait(false);
        await EachAsync(remains.Plans, plan => _grains.GetGrain<IPlanGrain>(plan).ForgetAsync(), cancellationToken).ConfigureAwait(false);
        await CallAsync(campaign.ClearAsync, cancellationToken).ConfigureAwait(false);
        return null;
    }

    private Task EachAsync<T>(IEnumerable<T> all, Func<T, Task> call, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        all, new ParallelOptions { MaxDegreeOfParallelism = ForgottenAtOnce, CancellationToken = cancellationToken }, async (one, stop) => await CallAsync(() => call(one), stop).ConfigureAwait(false));

    private Task CallAsync(Func<Task> call, CancellationToken cancellationToken) => CallAsync(async () =>
    {
        await call().ConfigureAwait(false);
        return true;
    }, cancellationToken);
}

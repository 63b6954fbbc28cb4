using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Codomyrmex.Networking.Fleet.Internal;
using Codomyrmex.Networking.Fleet.Internal.Agents;
using Codomyrmex.Networking.Fleet.Internal.Campaigns;
using Codomyrmex.Networking.Fleet.Internal.Crawls;
using Codomyrmex.Networking.Fleet.Internal.Hosting;
using Codomyrmex.Networking.Fleet.Internal.Planning;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Codomyrmex.Networking.Fleet;

/// <summary>A fleet, as a program sees it: campaigns and crawls are begun, watched and ended; agents are found and served. Safe to share between threads.</summary>
public sealed partial class FleetClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Parting = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    private readonly IGrainFactory _grains;
    private readonly IHost? _host;
    private int _isDisposed;

    private FleetClient(IServiceProvider services, IHost? host)
    {
        (_grains, _host) = (services.GetRequiredService<IGrainFactory>(), host);
        _site = services.GetRequiredService<AgentSite>();
        _logger = services.GetService<ILogger<FleetAgent>>() ?? NullLogger<FleetAgent>.Instance;
    }

    /// <summary>The fleet as a machine of it sees it, which the caller disposes of.</summary>
    internal static FleetClient Of(IHost machine) => new(machine.Services, null);

    /// <summary>Connects to a fleet.</summary>
    /// <param name="options">How; null for a machine of this computer.</param>
    /// <param name="cancellationToken">Cancels connecting.</param>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    /// <exception cref="NetworkException">No machine answered (<c>fleet.unreachable</c>), or a certificate cannot be used (<c>local.io</c>).</exception>
    public static async Task<FleetClient> ConnectAsync(FleetClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new FleetClientOptions();
        options.Validate();
        var host = ClientHost.Build(options);
        try
        {
            if (options is { Redis: null, Postgres: null })
                await KnockAsync(options, cancellationToken).ConfigureAwait(false);
            // The engine goes on trying for minutes.
            await host.StartAsync(cancellationToken).WaitAsync(options.Timeout, cancellationToken).ConfigureAwait(false);
            return new FleetClient(host.Services, host);
        }
        catch (Exception error)
        {
            _ = Task.Run(host.Dispose, CancellationToken.None);
            if (error is OperationCanceledException && cancellationToken.IsCancellationRequested || error is NetworkException)
                throw;
            throw FleetFailure.OfCall(error);
        }
    }

    /// <summary>Fails where nobody listens: the engine would wait for somebody who does.</summary>
    private static async Task KnockAsync(FleetClientOptions options, CancellationToken cancellationToken)
    {
        var knock = new TCPClientOptions
        {
            Transport = new TransportOptions { Policy = EgressPolicy.Unrestricted },
            Timeouts = new Timeouts { Total = options.Timeout },
        };
        try
        {
            await using var open = await TCPClient.ConnectAsync(options.Gateway.Address.ToString(), options.Gateway.Port, knock, cancellationToken).ConfigureAwait(false);
        }
        catch (NetworkException error)
        {
            throw FleetFailure.OfConnection(error);
        }
    }

    /// <summary>Begins a campaign.</summary>
    /// <param name="plan">What is scanned.</param>
    /// <param name="cancellationToken">Cancels the wait; whether the campaign begins then is not known.</param>
    /// <returns>Its name for programs.</returns>
    /// <exception cref="ArgumentException">The plan makes no sense.</exception>
    /// <exception cref="NetworkException">Nothing of the plan may be scanned (<see cref="PolicyException"/>), a name has no address, or no machine answered.</exception>
    public async Task<string> StartAsync(CampaignPlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan.Validate();
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        var text = PlanWriter.Write(plan);
        await PlanAsync(() => _grains.GetGrain<ICampaignGrain>(id).PlanAsync(text, "first", mustBeNew: true), cancellationToken).ConfigureAwait(false);
        return id;
    }

    /// <summary>
    /// Gives a campaign another plan. What is done is not asked again, also where the campaign was over; what the new plan has no longer is left alone. A lower cap holds for all
    /// machines as soon as each has asked again, which takes a second or so.
    /// </summary>
    /// <param name="id">The campaign.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="ArgumentException">The plan makes no sense.</exception>
    /// <exception cref="NetworkException">As for <see cref="StartAsync(CampaignPlan, CancellationToken)"/>; or there is no such campaign (<c>fleet.no_campaign</c>).</exception>
    public Task ReplanAsync(string id, CampaignPlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan.Validate();
        var (text, request) = (PlanWriter.Write(plan), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
        return PlanAsync(() => Campaign(id).PlanAsync(text, request, mustBeNew: false), cancellationToken);
    }

    /// <summary>Begins a crawl.</summary>
    /// <param name="plan">What is crawled.</param>
    /// <param name="cancellationToken">Cancels the wait; whether the crawl begins then is not known.</param>
    /// <returns>Its name for programs.</returns>
    /// <exception cref="ArgumentException">The plan makes no sense.</exception>
    /// <exception cref="NetworkException">No machine answered.</exception>
    public async Task<string> StartAsync(CrawlPlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan.Validate();
        var id = CrawlId.Make();
        var text = CrawlTexts.Of(plan);
        await CallAsync(() => _grains.GetGrain<ICrawlGrain>(id).StartAsync(text), cancellationToken).ConfigureAwait(false);
        return id;
    }

    /// <summary>Lets a campaign or a crawl rest: within a second or so nothing more is sent.</summary>
    /// <param name="id">The campaign or crawl.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="NetworkException">There is no such campaign or crawl, or it is over (<c>fleet.no_campaign</c>); or no machine answered.</exception>
    public Task PauseAsync(string id, CancellationToken cancellationToken = default) => SetStateAsync(id, CampaignState.Paused, cancellationToken);

    /// <summary>Lets a campaign or a crawl that rests go on.</summary>
    /// <inheritdoc cref="PauseAsync"/>
    public Task ResumeAsync(string id, CancellationToken cancellationToken = default) => SetStateAsync(id, CampaignState.Running, cancellationToken);

    /// <summary>Ends a campaign or a crawl. What was found is kept.</summary>
    /// <inheritdoc cref="PauseAsync"/>
    public Task CancelAsync(string id, CancellationToken cancellationToken = default) => SetStateAsync(id, CampaignState.Cancelled, cancellationToken);

    /// <summary>How a campaign stands.</summary>
    /// <param name="id">The campaign.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="NetworkException">There is no such campaign (<c>fleet.no_campaign</c>), or no machine answered.</exception>
    public async Task<CampaignStatus> GetCampaignAsync(string id, CancellationToken cancellationToken = default) =>
        await FindAsync(id, cancellationToken).ConfigureAwait(false) ?? throw Unknown(id);

    /// <summary>How a crawl stands.</summary>
    /// <param name="id">The crawl.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="NetworkException">There is no such crawl (<c>fleet.no_campaign</c>), or no machine answered.</exception>
    public async Task<CrawlStatus> GetCrawlAsync(string id, CancellationToken cancellationToken = default) =>
        await FindCrawlAsync(id, cancellationToken).ConfigureAwait(false) ?? throw Unknown(id, "crawl");

    /// <summary>How the fleet stands: its machines, campaigns and crawls.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="NetworkException">No machine answered.</exception>
    public async Task<FleetStatus> GetStatusAsync(CancellationToken cancellationToken = default)
    {
        var fleet = _grains.GetGrain<IFleetGrain>(0);
        var machines = await CallAsync(fleet.MachinesAsync, cancellationToken).ConfigureAwait(false);
        var campaigns = new List<CampaignStatus>();
        var crawls = new List<CrawlStatus>();
        foreach (var id in await CallAsync(fleet.CampaignsAsync, cancellationToken).ConfigureAwait(false))
        {
            if (CrawlId.Is(id))
            {
                if (await FindCrawlAsync(id, cancellationToken).ConfigureAwait(false) is { } crawl)
                    crawls.Add(crawl);
            }
            else if (await FindAsync(id, cancellationToken).ConfigureAwait(false) is { } campaign)
                campaigns.Add(campaign);
        }
        return new FleetStatus { Machines = [.. machines.Select(StatusWriter.Of)], Campaigns = campaigns, Crawls = crawls };
    }

    /// <summary>What a campaign has found, each open port once, in the order in which it was written down by the shards.</summary>
    /// <param name="id">The campaign.</param>
    /// <param name="follow">Whether to go on with what is found until the campaign is over.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="NetworkException">There is no such campaign (<c>fleet.no_campaign</c>), or no machine answered.</exception>
    public IAsyncEnumerable<PortResult> FindingsAsync(string id, bool follow = false, CancellationToken cancellationToken = default)
    {
        var campaign = Campaign(id);
        return FollowAsync(campaign.FindingsAsync, (shard, from) => _grains.GetGrain<IShardGrain>(shard.Of(id)).FindingsAsync(from), StatusWriter.Of, () => Unknown(id), follow, cancellationToken);
    }

    /// <summary>The pages that a crawl has visited, each once, host by host in the order in which they were written down.</summary>
    /// <param name="id">The crawl.</param>
    /// <param name="follow">Whether to go on with what is visited until the crawl is over.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="NetworkException">There is no such crawl (<c>fleet.no_campaign</c>), or no machine answered.</exception>
    public IAsyncEnumerable<PageRecord> PagesAsync(string id, bool follow = false, CancellationToken cancellationToken = default)
    {
        var crawl = Crawl(id);
        return FollowAsync(crawl.PagesAsync, (origin, from) => _grains.GetGrain<IHostGrain>(HostKey.Of(id, origin)).PagesAsync(from), CrawlStatusWriter.Of, () => Unknown(id, "crawl"), follow, cancellationToken);
    }

    /// <summary>Ends the connection, and the agents that are served over it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await Task.WhenAll(_served.Keys.Select(static agent => agent.DisposeAsync().AsTask())).ConfigureAwait(false);
        if (_host is null)
            return;
        using var parting = new CancellationTokenSource(Parting);
        try
        {
            await _host.StopAsync(parting.Token).WaitAsync(Parting, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or TimeoutException)
        {
            // Nobody is left to take leave of.
        }
        _host.Dispose();
    }

    private ICampaignGrain Campaign(string id)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        return _grains.GetGrain<ICampaignGrain>(id);
    }

    private async Task<CampaignStatus?> FindAsync(string id, CancellationToken cancellationToken) =>
        await CallAsync(Campaign(id).ReportAsync, cancellationToken).ConfigureAwait(false) is { } report ? StatusWriter.Of(report) : null;

    private ICrawlGrain Crawl(string id)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        return _grains.GetGrain<ICrawlGrain>(id);
    }

    private async Task<CrawlStatus?> FindCrawlAsync(string id, CancellationToken cancellationToken) =>
        await CallAsync(Crawl(id).ReportAsync, cancellationToken).ConfigureAwait(false) is { } report ? CrawlStatusWriter.Of(report) : null;

    /// <summary>Reads lists that only grow, which an index says the lengths of.</summary>
    private async IAsyncEnumerable<TFound> FollowAsync<TKey, TRecord, TFound>(
        Func<long, Task<FoundIndex<TKey>?>> index, Func<TKey, int, Task<TRecord[]>> list, Func<TRecord, TFound> read, Func<NetworkException> unknown, bool follow,
        [EnumeratorCancellation] CancellationToken cancellationToken) where TKey : notnull
    {
        var lengths = new Dictionary<TKey, int>();
        for (var since = 0L; ;)
        {
            var grown = await CallAsync(() => index(since), cancellationToken).ConfigureAwait(false) ?? throw unknown();
            var isRead = true;
            foreach (var (key, count) in grown.Lists)
            {
                while (lengths.GetValueOrDefault(key) is var from && from < count)
                {
                    var some = await CallAsync(() => list(key, from), cancellationToken).ConfigureAwait(false);
                    // It was asked where it is not known yet that it has grown: then it is asked again.
                    if (some.Length == 0)
                    {
                        isRead = false;
                        break;
                    }
                    foreach (var record in some)
                        yield return read(record);
                    lengths[key] = from + some.Length;
                }
            }
            since = isRead ? grown.Version : since;
            if (!follow || grown.IsOver)
                yield break;
            await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task SetStateAsync(string id, CampaignState state, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        return DemandAsync(() => CrawlId.Is(id) ? Crawl(id).SetStateAsync(state) : Campaign(id).SetStateAsync(state), cancellationToken);
    }

    private static NetworkException Unknown(string id, string what = "campaign") => new NetworkFailure
    {
        Code = ErrorCodes.FleetNoCampaign,
        Message = $"There is no {what} '{Printable.Text(id, 40)}'.",
        Phase = NetworkPhase.Prepare,
    }.ToException();

    // Names may take as long as they do: the fleet goes on meanwhile.
    private async Task PlanAsync(Func<Task<PlanReply>> call, CancellationToken cancellationToken)
    {
        while (await CallAsync(call, cancellationToken).ConfigureAwait(false) is var reply && (reply.IsPending || reply.Refusal is not null))
        {
            if (reply.Refusal is { } refusal)
                throw refusal.ToException();
            await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task DemandAsync(Func<Task<Refusal?>> call, CancellationToken cancellationToken)
    {
        if (await CallAsync(call, cancellationToken).ConfigureAwait(false) is { } refusal)
            throw refusal.ToException();
    }

    // A machine that was lost takes the calls with it that it had, and the fleet takes up to a minute to put all its grains elsewhere. Every call may be repeated.
    internal async Task<T> CallAsync<T>(Func<Task<T>> call, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
            try
            {
                return await call().WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (error is OrleansException or TimeoutException or InvalidOperationException or ObjectDisposedException or IOException)
            {
                if (TimeProvider.System.GetElapsedTime(start) > Patience)
                    throw FleetFailure.OfCall(error);
            }
            await Task.Delay(PollInterval, cancellationToken).ConfigureAwait(false);
        }
    }
}

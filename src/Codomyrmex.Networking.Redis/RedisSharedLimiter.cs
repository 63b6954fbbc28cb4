using System.Globalization;
using Codomyrmex.Networking.Redis.Internal;
using Codomyrmex.Networking.Resilience;
using StackExchange.Redis;

namespace Codomyrmex.Networking.Redis;

/// <summary>
/// Limits that processes and machines keep together in Redis (5 or later): for <see cref="HostLimitOptions.Shared"/>. Each question is one script, atomic
/// and on the server's clock; a count expires when it is as new. Thread-safe; make one and give it to all clients.
/// </summary>
/// <remarks>It connects when first asked, and again by itself after a loss; what happens to calls meanwhile is <see cref="RedisLimiterOptions.OnLoss"/>.</remarks>
public sealed class RedisSharedLimiter : ISharedLimiter, IAsyncDisposable
{
    // A server's claim holds nobody for longer, and its keys stay no longer.
    private static readonly TimeSpan LongestHold = TimeSpan.FromDays(1);

    private readonly RedisLimiterOptions _options;
    private readonly ConfigurationOptions _configuration;
    private readonly Lock _lock = new();
    private Task<ConnectionMultiplexer>? _connection;
    private bool _isDisposed;

    /// <summary>Makes a limiter; nothing is connected yet.</summary>
    /// <param name="options">Its settings.</param>
    /// <exception cref="ArgumentException">A setting is wrong; its name is in the message, its value is not.</exception>
    public RedisSharedLimiter(RedisLimiterOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        try
        {
            _configuration = ConfigurationOptions.Parse(options.Configuration);
        }
        catch (Exception)
        {
            // Without the cause: its message may quote the password.
            throw new ArgumentException("RedisLimiterOptions.Configuration is not a configuration of StackExchange.Redis.", "RedisLimiterOptions.Configuration");
        }
        _configuration.AbortOnConnectFail = false;
        _configuration.ConnectTimeout = _configuration.AsyncTimeout = _configuration.SyncTimeout = (int)options.Timeout.TotalMilliseconds;
        // What waits for a lost server would be counted long after its caller has given up.
        _configuration.BacklogPolicy = BacklogPolicy.FailFast;
        _configuration.ReconnectRetryPolicy = new LinearRetry(200);
    }

    /// <inheritdoc/>
    public async ValueTask<TimeSpan> TakeAsync(SharedDemand demand, CancellationToken cancellationToken = default)
    {
        var each = demand.RequestsPerSecond is { } rate ? 1e6 / rate : 0;
        try
        {
            var wait = await RunAsync(Scripts.Take, demand.Key, [Text(each), demand.Burst, demand.Tokens], cancellationToken).ConfigureAwait(false);
            return TimeSpan.FromMicroseconds((long)wait);
        }
        catch (Exception error) when (IsLoss(error))
        {
            return _options.OnLoss == RedisLossPolicy.FailOpen ? TimeSpan.Zero : throw Unavailable(demand.Key, error);
        }
    }

    /// <inheritdoc/>
    public async ValueTask ReportAsync(SharedReport report, CancellationToken cancellationToken = default)
    {
        var now = TimeProvider.System.GetUtcNow();
        var values = new List<RedisValue> { Text(Bounded(report.Pause ?? TimeSpan.Zero).TotalMicroseconds) };
        foreach (var quota in report.Quotas)
        {
            if (quota is { Unit: RateLimitUnit.Requests or RateLimitUnit.Tokens, Remaining: { } left, ResetsAt: { } at } && at > now)
                values.AddRange([$"{(quota.Unit == RateLimitUnit.Tokens ? 't' : 'r')}:{quota.Name}", left, Text(Bounded(at - now).TotalMicroseconds), quota.Limit ?? -1]);
        }
        if (values.Count == 1 && report.Pause is null)
            return;
        try
        {
            await RunAsync(Scripts.Report, report.Key, [.. values], cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (IsLoss(error))
        {
            // The answer is here and good; the next request finds out what the loss means.
        }
    }

    /// <summary>Closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        Task<ConnectionMultiplexer>? connection;
        lock (_lock)
        {
            _isDisposed = true;
            connection = _connection;
        }
        if (connection is { IsCompleted: false })
            _ = CloseAsync(connection);
        else if (connection is { IsCompletedSuccessfully: true })
            await connection.Result.DisposeAsync().ConfigureAwait(false);
    }

    // One that is still being made would connect again for ever; nobody waits for it.
    private static async Task CloseAsync(Task<ConnectionMultiplexer> connecting)
    {
        try
        {
            await (await connecting.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
        catch (RedisException)
        {
            // Then there is nothing to close.
        }
    }

    private async Task<RedisResult> RunAsync(string script, string key, RedisValue[] values, CancellationToken cancellationToken)
    {
        var connection = await ConnectionAsync().WaitAsync(_options.Timeout, cancellationToken).ConfigureAwait(false);
        return await connection.GetDatabase().ScriptEvaluateAsync(script, [_options.KeyPrefix + key], values)
            .WaitAsync(_options.Timeout, cancellationToken).ConfigureAwait(false);
    }

    private Task<ConnectionMultiplexer> ConnectionAsync()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _connection is null or { IsFaulted: true } or { IsCanceled: true } ? _connection = ConnectionMultiplexer.ConnectAsync(_configuration) : _connection;
        }
    }

    private static bool IsLoss(Exception error) => error is RedisException or RedisTimeoutException or TimeoutException;

    private RateLimitException Unavailable(string key, Exception error) => new(new NetworkFailure
    {
        Code = ErrorCodes.RateStoreUnavailable,
        Message = $"Redis, which counts the requests to {key} for all processes, cannot be reached; nothing was sent (RedisLimiterOptions.OnLoss).",
        Phase = NetworkPhase.Wait,
        Attempts = [.. _configuration.EndPoints.Select(endpoint => new Attempt(Printable(endpoint), TimeSpan.Zero, ErrorCodes.RateStoreUnavailable))],
    }, error);

    private static string Printable(System.Net.EndPoint endpoint) =>
        endpoint is System.Net.DnsEndPoint named ? string.Create(CultureInfo.InvariantCulture, $"{named.Host}:{named.Port}") : endpoint.ToString() ?? "-";

    private static TimeSpan Bounded(TimeSpan time) => time < LongestHold ? time : LongestHold;

    private static string Text(double number) => number.ToString("0", CultureInfo.InvariantCulture);
}

using System.Globalization;

namespace Codomyrmex.Networking;

/// <summary>
/// What a task may cost altogether: requests, connections, bytes received, time. Make one and pass it to every call of the task: to those of HTTP
/// (<c>RequestOptions.Budget</c>), or to whatever connects, of any protocol (<c>TransportOptions.Budget</c>). What would exceed it fails with the code that names which. Thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// Every message of HTTP that goes out counts as a request: retries, redirects and hedges too, answers from a cache not. The bytes of a call of HTTP are those of bodies as the caller gets them, decoded; those of a
/// transport all that arrives, as it comes over the wire. Give a call its budget in one of the two places, or its bytes count twice. A spent budget stays spent.
/// </para>
/// <para>A part of a task gets a part of its budget by <see cref="Within"/>: what the part uses, the whole has used.</para>
/// </remarks>
public sealed class NetworkBudget
{
    // Peers come from whatever is crawled.
    private const int MostPeers = 64;
    private const int MostNamed = 3;

    // The platform's timers take no more.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);
    private static readonly Endpoint Others = new("others", 0);

    private readonly NetworkBudget? _whole;
    private readonly string? _name;
    private readonly long _requests;
    private readonly long _connections;
    private readonly long _bytes;
    private readonly TimeSpan _time;
    private readonly TimeProvider _clock;
    private readonly Dictionary<Endpoint, NetworkBudgetUsage> _usage = [];
    private long _requestsUsed;
    private long _connectionsUsed;
    private long _bytesUsed;

    /// <summary>Makes a budget. Its time starts now.</summary>
    /// <param name="requests">Requests allowed; null for any number.</param>
    /// <param name="bytes">Bytes that may be received; null for any number.</param>
    /// <param name="connections">Connections that may be opened; null for any number.</param>
    /// <param name="time">Time from now on; null for any.</param>
    /// <param name="clock">The clock for the time; null for the system's.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative, or the time is.</exception>
    public NetworkBudget(long? requests = null, long? bytes = null, long? connections = null, TimeSpan? time = null, TimeProvider? clock = null)
        : this(null, null, requests, bytes, connections, time, clock)
    {
    }

    private NetworkBudget(NetworkBudget? whole, string? name, long? requests, long? bytes, long? connections, TimeSpan? time, TimeProvider? clock)
    {
        (_whole, _name, _clock) = (whole, name, clock ?? TimeProvider.System);
        _requests = Checked(requests, nameof(requests));
        _bytes = Checked(bytes, nameof(bytes));
        _connections = Checked(connections, nameof(connections));
        _time = time ?? Timeout.InfiniteTimeSpan;
        Deadline = Deadline.After(_time, clock).Earlier(whole?.Deadline ?? Deadline.None);
    }

    /// <summary>Requests sent so far.</summary>
    public long RequestsUsed => Math.Min(Volatile.Read(ref _requestsUsed), _requests);

    /// <summary>Connections opened so far.</summary>
    public long ConnectionsUsed => Math.Min(Volatile.Read(ref _connectionsUsed), _connections);

    /// <summary>Bytes received so far; the piece that went beyond the budget counts.</summary>
    public long BytesUsed => Volatile.Read(ref _bytesUsed);

    /// <summary>When the time is up; <see cref="Deadline.None"/> without a limit.</summary>
    public Deadline Deadline { get; }

    /// <summary>Who has used it, by peer.</summary>
    public IReadOnlyList<NetworkBudgetUsage> Usage
    {
        get
        {
            lock (_usage)
                return [.. _usage.Values];
        }
    }

    /// <summary>A budget for a part of the task: its own limits, within those of this one. Its time starts now, and ends with the whole's at the latest.</summary>
    /// <param name="name">What the part is called in errors.</param>
    /// <param name="requests">Requests allowed; null for what the whole has left.</param>
    /// <param name="bytes">Bytes that may be received; null for what the whole has left.</param>
    /// <param name="connections">Connections that may be opened; null for what the whole has left.</param>
    /// <param name="time">Time from now on; null for what the whole has left.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative, or the time is.</exception>
    public NetworkBudget Within(string name, long? requests = null, long? bytes = null, long? connections = null, TimeSpan? time = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new NetworkBudget(this, name, requests, bytes, connections, time, _clock);
    }

    /// <summary>What was used, of what is allowed.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"requests {RequestsUsed}/{Text(_requests)}, connections {ConnectionsUsed}/{Text(_connections)}, bytes {BytesUsed}/{Text(_bytes)}, time left {Deadline}");

    internal void SpendRequest(Endpoint endpoint)
    {
        DemandTime(endpoint);
        Spend(static budget => ref budget._requestsUsed, static budget => budget._requests, ErrorCodes.BudgetRequests, "requests", endpoint);
        Note(endpoint, requests: 1);
    }

    internal void SpendConnection(Endpoint endpoint)
    {
        Spend(static budget => ref budget._connectionsUsed, static budget => budget._connections, ErrorCodes.BudgetConnections, "connections", endpoint);
        Note(endpoint, connections: 1);
    }

    internal void SpendBytes(int count, Endpoint endpoint)
    {
        if (count == 0)
            return;
        Note(endpoint, bytes: count);
        NetworkBudget? spent = null;
        for (var budget = this; budget is not null; budget = budget._whole)
        {
            if (Interlocked.Add(ref budget._bytesUsed, count) > budget._bytes)
                spent ??= budget;
        }
        if (spent is not null)
            throw (spent.Exceeded(ErrorCodes.BudgetBytes, spent._bytes, "bytes", endpoint) with { Phase = NetworkPhase.Receive, WasSent = WasSent.Yes }).ToException();
    }

    /// <summary>Throws where the time is up.</summary>
    internal void DemandTime(Endpoint endpoint)
    {
        if (Deadline.IsExpired)
            throw TimeIsUp(endpoint, NetworkPhase.Prepare);
    }

    internal NetworkException TimeIsUp(Endpoint endpoint, NetworkPhase phase) =>
        TimeIsUp(new NetworkFailure { Code = ErrorCodes.BudgetTime, Message = "", Endpoint = endpoint, Phase = phase, WasSent = phase == NetworkPhase.Prepare ? WasSent.Never : WasSent.Maybe }).ToException();

    /// <summary>Fires when the time is up; null where it never is. The caller's to dispose.</summary>
    internal CancellationTokenSource? TimeUp() =>
        Deadline.IsFinite && Deadline.Remaining is var left && left < LongestTimer ? new CancellationTokenSource(left, _clock) : null;

    /// <summary>The same failure, as one of the budget's time.</summary>
    internal NetworkFailure TimeIsUp(NetworkFailure failure) => failure with
    {
        Code = ErrorCodes.BudgetTime,
        Message = $"The budget of {TimeText()}{NameText()} was spent before {failure.Endpoint} had answered{ByWhom(static usage => usage.Requests, "requests")}.",
        Hint = null,
        IsTransient = null,
    };

    private string TimeText() => TimeOwner._time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) + " s";

    // Whose time it is that ends first.
    private NetworkBudget TimeOwner => _time == Timeout.InfiniteTimeSpan || (_whole is not null && Deadline == _whole.Deadline) ? _whole?.TimeOwner ?? this : this;

    private string NameText() => _name is null ? " (NetworkBudget)" : $" ('{Printable.Text(_name)}', NetworkBudget)";

    private delegate ref long Counter(NetworkBudget budget);

    private void Spend(Counter used, Func<NetworkBudget, long> limit, string code, string what, Endpoint endpoint)
    {
        // From the part to the whole: what the whole refuses, no part has used.
        for (var budget = this; budget is not null; budget = budget._whole)
        {
            if (Interlocked.Increment(ref used(budget)) <= limit(budget))
                continue;
            for (var before = this; before != budget; before = before!._whole)
                Interlocked.Decrement(ref used(before!));
            throw budget.Exceeded(code, limit(budget), what, endpoint).ToException();
        }
    }

    private void Note(Endpoint endpoint, long requests = 0, long connections = 0, long bytes = 0)
    {
        for (var budget = this; budget is not null; budget = budget._whole)
        {
            lock (budget._usage)
            {
                var peer = budget._usage.ContainsKey(endpoint) || budget._usage.Count < MostPeers ? endpoint : Others;
                var before = budget._usage.GetValueOrDefault(peer);
                budget._usage[peer] = new NetworkBudgetUsage(peer, before.Requests + requests, before.Connections + connections, before.Bytes + bytes);
            }
        }
    }

    private NetworkFailure Exceeded(string code, long limit, string what, Endpoint endpoint) => new()
    {
        Code = code,
        Message = string.Create(CultureInfo.InvariantCulture, $"The budget of {limit} {what}{NameText()} is spent{ByWhom(usage => what switch { "requests" => usage.Requests, "connections" => usage.Connections, _ => usage.Bytes }, what)}; {endpoint} gets no more."),
        Endpoint = endpoint,
    };

    // The largest first: that is where to look.
    private string ByWhom(Func<NetworkBudgetUsage, long> part, string what)
    {
        var largest = Usage.Where(usage => part(usage) > 0).OrderByDescending(part).ToArray();
        if (largest.Length < 2)
            return "";
        var named = string.Join(", ", largest.Take(MostNamed).Select(usage => string.Create(CultureInfo.InvariantCulture, $"{usage.Endpoint} {part(usage)}")));
        return $" ({what} by {named}{(largest.Length > MostNamed ? " and others" : "")})";
    }

    private static long Checked(long? value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value ?? 0, name);
        return value ?? long.MaxValue;
    }

    private static string Text(long limit) => limit == long.MaxValue ? "any" : limit.ToString(CultureInfo.InvariantCulture);
}

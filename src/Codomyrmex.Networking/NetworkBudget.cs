using System.Globalization;

namespace Codomyrmex.Networking;

/// <summary>
/// What a task may cost altogether: requests, connections, bytes received, time. Make one, pass it to every call of the task
/// (<c>RequestOptions.Budget</c>), and the call that would exceed it fails with the code that names which. Thread-safe.
/// </summary>
/// <remarks>
/// Every message that goes out counts as a request: retries, redirects and hedges too, answers from a cache not. Bytes are those of bodies as
/// the caller gets them, decoded; a body is cut off where they run out. A spent budget stays spent.
/// </remarks>
public sealed class NetworkBudget
{
    private readonly long _requests;
    private readonly long _connections;
    private readonly long _bytes;
    private readonly TimeSpan _time;
    private long _requestsUsed;
    private long _connectionsUsed;
    private long _bytesUsed;

    /// <summary>Makes a budget. Its time starts now.</summary>
    /// <param name="requests">Requests allowed; null for any number.</param>
    /// <param name="bytes">Bytes of bodies that may be received; null for any number.</param>
    /// <param name="connections">Connections that may be opened; null for any number.</param>
    /// <param name="time">Time from now on; null for any.</param>
    /// <param name="clock">The clock for the time; null for the system's.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative, or the time is.</exception>
    public NetworkBudget(long? requests = null, long? bytes = null, long? connections = null, TimeSpan? time = null, TimeProvider? clock = null)
    {
        _requests = Checked(requests, nameof(requests));
        _bytes = Checked(bytes, nameof(bytes));
        _connections = Checked(connections, nameof(connections));
        _time = time ?? Timeout.InfiniteTimeSpan;
        Deadline = Deadline.After(_time, clock);
    }

    /// <summary>Requests sent so far.</summary>
    public long RequestsUsed => Math.Min(Volatile.Read(ref _requestsUsed), _requests);

    /// <summary>Connections opened so far.</summary>
    public long ConnectionsUsed => Math.Min(Volatile.Read(ref _connectionsUsed), _connections);

    /// <summary>Bytes of bodies received so far; the piece that went beyond the budget counts.</summary>
    public long BytesUsed => Volatile.Read(ref _bytesUsed);

    /// <summary>When the time is up; <see cref="Deadline.None"/> without a limit.</summary>
    public Deadline Deadline { get; }

    /// <summary>What was used, of what is allowed.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"requests {RequestsUsed}/{Text(_requests)}, connections {ConnectionsUsed}/{Text(_connections)}, bytes {BytesUsed}/{Text(_bytes)}, time left {Deadline}");

    internal void SpendRequest(Endpoint endpoint)
    {
        if (Deadline.IsExpired)
            throw TimeIsUp(new NetworkFailure { Code = ErrorCodes.BudgetTime, Message = "", Endpoint = endpoint }).ToException();
        Spend(ref _requestsUsed, _requests, ErrorCodes.BudgetRequests, "requests", endpoint);
    }

    internal void SpendConnection(Endpoint endpoint) => Spend(ref _connectionsUsed, _connections, ErrorCodes.BudgetConnections, "connections", endpoint);

    internal void SpendBytes(int count, Endpoint endpoint)
    {
        if (Interlocked.Add(ref _bytesUsed, count) <= _bytes)
            return;
        var failure = Exceeded(ErrorCodes.BudgetBytes, _bytes, "bytes of bodies", endpoint);
        throw (failure with { Phase = NetworkPhase.Receive, WasSent = WasSent.Yes }).ToException();
    }

    /// <summary>The same failure, as one of the budget's time.</summary>
    internal NetworkFailure TimeIsUp(NetworkFailure failure) => failure with
    {
        Code = ErrorCodes.BudgetTime,
        Message = $"The budget of {_time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture)} s (NetworkBudget) was spent before {failure.Endpoint} had answered.",
        Hint = null,
        IsTransient = null,
    };

    private static void Spend(ref long used, long limit, string code, string what, Endpoint endpoint)
    {
        if (Interlocked.Increment(ref used) > limit)
            throw Exceeded(code, limit, what, endpoint).ToException();
    }

    private static NetworkFailure Exceeded(string code, long limit, string what, Endpoint endpoint) => new()
    {
        Code = code,
        Message = string.Create(CultureInfo.InvariantCulture, $"The budget of {limit} {what} (NetworkBudget) is spent; {endpoint} gets no more."),
        Endpoint = endpoint,
    };

    private static long Checked(long? value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value ?? 0, name);
        return value ?? long.MaxValue;
    }

    private static string Text(long limit) => limit == long.MaxValue ? "any" : limit.ToString(CultureInfo.InvariantCulture);
}

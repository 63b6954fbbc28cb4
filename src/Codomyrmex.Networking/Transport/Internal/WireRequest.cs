namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// The message that goes through the platform's handler, and what the layers below learn about it on the way: the dial it caused and
/// the connection that carried it.
/// </summary>
/// <remarks>
/// The platform does not say which connection a request used. <see cref="Current"/> flows with the request to the connection's first
/// write, which is where an HTTP/1.1 connection introduces itself; HTTP/2 writes from a loop of its own, see <see cref="HttpHandler"/>.
/// </remarks>
internal sealed class WireRequest : HttpRequestMessage
{
    private PhaseTimer? _timer;
    private bool _mayHaveLeft;
    private Action? _whenDone;

    public WireRequest(HttpMethod method, Uri uri, Timeouts timeouts, PhaseTimer timer) : base(method, uri)
    {
        Timeouts = timeouts;
        _timer = timer;
        StartedAt = timer.Clock.GetTimestamp();
    }

    public static AsyncLocal<WireRequest?> Current { get; } = new();

    public Timeouts Timeouts { get; }

    public long StartedAt { get; private set; }

    /// <summary>What the call may cost, where that is limited.</summary>
    public NetworkBudget? Budget { get; init; }

    /// <summary>Bytes that answers may take before the fields of the final one have arrived.</summary>
    public int HeaderBytes { get; init; } = int.MaxValue;

    /// <summary>The dial that this request caused; it may have been carried by another connection in the end.</summary>
    public DialTrace? Dial { get; set; }

    /// <summary>The connection that carried the request; null while none has.</summary>
    public DialedStream? Connection { get; private set; }

    /// <summary>Whether the connection had carried another request before.</summary>
    public bool IsReused { get; private set; }

    public bool HeadersReceived { get; private set; }

    /// <summary>Called by the connection at each write for this request.</summary>
    public void Sending(DialedStream connection)
    {
        if (HeadersReceived)
            return;
        if (!ReferenceEquals(Connection, connection))
            CarriedBy(connection);
        AwaitFirstByte();
    }

    /// <summary>From now on the peer has <see cref="Networking.Timeouts.FirstByte"/> to answer.</summary>
    public void AwaitFirstByte()
    {
        _mayHaveLeft = true;
        _timer?.Arm(Timeouts.FirstByte, ErrorCodes.TimeoutFirstByte);
    }

    public void CarriedBy(DialedStream connection)
    {
        Connection = connection;
        IsReused = connection.Trace.CountUse() > 1;
    }

    /// <summary>Whether one of our timeouts has fired for it.</summary>
    public bool HasTimedOut => _timer?.HasFired == true;

    /// <summary>It waited for leave to be sent: what it takes counts from now on.</summary>
    public void Restart()
    {
        if (_timer is { } timer)
            StartedAt = timer.Clock.GetTimestamp();
    }

    /// <summary>Has something done when the answer is over, or there is none.</summary>
    public void WhenDone(Action action) => _whenDone = action;

    /// <summary>The answer is over. Said more than once, the first time counts.</summary>
    public void LetGo()
    {
        if (_whenDone is not null)
            Interlocked.Exchange(ref _whenDone, null)?.Invoke();
    }

    /// <summary>Another message is answered in its place: the timer is that one's from now on.</summary>
    public void Detach() => _timer = null;

    /// <summary>A message like this one but for the body, which the caller adds.</summary>
    public WireRequest Again()
    {
        var copy = new WireRequest(Method, RequestUri!, Timeouts, _timer!) { HeaderBytes = HeaderBytes, Budget = Budget, Version = Version, VersionPolicy = VersionPolicy };
        foreach (var (name, values) in Headers.NonValidated)
            copy.Headers.TryAddWithoutValidation(name, values);
        return copy;
    }

    /// <summary>The answer's fields are here: from now on the body has the timer.</summary>
    public void Received()
    {
        HeadersReceived = true;
        _timer = null;
    }

    /// <summary>The phase that the request is in, for an error that comes from outside of it.</summary>
    public NetworkPhase Phase => this switch
    {
        { HeadersReceived: true } => NetworkPhase.Receive,
        { Connection: not null } => NetworkPhase.FirstByte,
        { Dial: { IsDone: false, Phase: var phase } } => phase,
        { _mayHaveLeft: true } => NetworkPhase.FirstByte,
        _ => NetworkPhase.Wait,
    };

    /// <summary>What a failure says about whether the peer can have seen the request.</summary>
    public WasSent WasSent => HeadersReceived ? WasSent.Yes : _mayHaveLeft ? WasSent.Maybe : WasSent.Never;

    protected override void Dispose(bool disposing)
    {
        _timer = null;
        base.Dispose(disposing);
    }
}

using System.Text;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// The message that goes through the platform's handler, and what the layers below learn about it on the way: the dial it caused and
/// the connection that carried it.
/// </summary>
/// <remarks>
/// The platform does not say which connection a request used. But the thread on which an HTTP/1.1 connection writes can know whose
/// bytes they are, and there the connection introduces itself. A head without a body is written in one go: the thread that was asked
/// how to encode its fields is the one that writes it. A body may go on with any thread, so such a request flows along. HTTP/2 writes
/// from a loop of its own, see <see cref="HttpHandler"/>.
/// </remarks>
internal sealed class WireRequest : HttpRequestMessage
{
    // A flowing request costs two allocations, and every step of the way takes longer: most have no body and do without.
    private static readonly AsyncLocal<WireRequest?> Flowing = new();

    [ThreadStatic]
    private static WireRequest? _headOfThread;

    private PhaseTimer? _timer;
    private Extras? _extras;
    private bool _isHeadOnly;
    private bool _hasBegun;
    private bool _mayHaveLeft;
    private bool _isOver;

    public WireRequest(HttpMethod method, Uri uri, Timeouts timeouts, PhaseTimer timer, long startedAt) : base(method, uri)
    {
        Timeouts = timeouts;
        _timer = timer;
        StartedAt = startedAt;
    }

    public Timeouts Timeouts { get; }

    public long StartedAt { get; private set; }

    /// <summary>What the call may cost, where that is limited.</summary>
    public NetworkBudget? Budget
    {
        get => _extras?.Budget;
        init
        {
            if (value is not null)
                Extra.Budget = value;
        }
    }

    /// <summary>The counters of the host it goes to.</summary>
    public HostLedger? Ledger { get; init; }

    /// <summary>The dial that this request caused; it may have been carried by another connection in the end.</summary>
    public DialTrace? Dial
    {
        get => _extras?.Dial;
        set => Extra.Dial = value;
    }

    /// <summary>Whether it follows a redirect: then an earlier request of the same attempt has been answered already.</summary>
    public bool IsFollowUp { get; init; }

    /// <summary>The connection that carried the request; null while none has.</summary>
    public DialedStream? Connection { get; private set; }

    /// <summary>Whether the connection had carried another request before.</summary>
    public bool IsReused { get; private set; }

    public bool HeadersReceived { get; private set; }

    /// <summary>Whether the answer has been read, or will not be.</summary>
    public bool IsOver => Volatile.Read(ref _isOver);

    /// <summary>Whether credentials are being added; a token may be on its way.</summary>
    public bool IsPreparing { get; set; }

    /// <summary>The timeout that has ended the request before its answer; null where none has.</summary>
    public string? FiredTimeout => _timer is { HasFired: true } timer ? timer.Armed : null;

    /// <summary>The phase that the request is in, for an error that comes from outside of it.</summary>
    public NetworkPhase Phase => this switch
    {
        { HeadersReceived: true } => NetworkPhase.Receive,
        { IsPreparing: true } => NetworkPhase.Prepare,
        { Connection: not null } => NetworkPhase.FirstByte,
        { Dial: { IsDone: false, Phase: var phase } } => phase,
        { _mayHaveLeft: true } => NetworkPhase.FirstByte,
        _ => NetworkPhase.Wait,
    };

    /// <summary>What a failure says about whether the peer can have seen the request.</summary>
    public WasSent WasSent => HeadersReceived || IsFollowUp ? WasSent.Yes : _mayHaveLeft ? WasSent.Maybe : WasSent.Never;

    // What few requests have: a field of its own would cost every request its memory. A dial makes it on a thread of its own.
    private Extras Extra => _extras ?? Interlocked.CompareExchange(ref _extras, new Extras(), null) ?? _extras;

    /// <summary>The request whose bytes this thread is about to write, where it can be told; asked once a write.</summary>
    public static WireRequest? TakeWritten()
    {
        if (Flowing.Value is { } flowing)
            return flowing;
        var head = _headOfThread;
        _headOfThread = null;
        return head;
    }

    /// <summary>Notes that this thread is writing the fields of a request's head, and answers with the encoding of their values.</summary>
    public static Encoding IsBeingWritten(HttpRequestMessage request, Encoding encoding)
    {
        if (request is WireRequest { _isHeadOnly: true } wire)
            _headOfThread = wire;
        return encoding;
    }

    /// <summary>The request goes to the engine, or to a foreign handler.</summary>
    public void Begin(bool isForeign)
    {
        if (!_hasBegun)
            Ledger?.Begin();
        _hasBegun = true;
        // Only where it is HTTP/1.1 for certain: what HTTP/2 encodes is not what the thread writes next.
        _isHeadOnly = !isForeign && Version.Major == 1 && Content is null && Headers.NonValidated.Count > 0;
        // Or null: nothing may flow on from a request that is waiting for this one.
        Flowing.Value = _isHeadOnly || isForeign ? null : this;
    }

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
        if (!connection.IntroducesItself)
            Share(connection);
    }

    /// <summary>Counts the request with a connection that many share, and no longer with the one before.</summary>
    public void Share(DialedStream connection)
    {
        var extra = Extra;
        lock (extra)
        {
            // A dial can outlive the request that caused it.
            if (IsOver || ReferenceEquals(extra.Shared, connection))
                return;
            connection.Enter();
            extra.Shared?.Leave();
            extra.Shared = connection;
        }
    }

    /// <summary>It waited for leave to be sent: what it takes counts from now on.</summary>
    public void Restart()
    {
        if (_timer is { } timer)
            StartedAt = timer.Clock.GetTimestamp();
    }

    /// <summary>An answer is here that a replay follows: nobody waits for the peer meanwhile, only the total deadline holds.</summary>
    public void Rest()
    {
        _timer?.Arm(Timeout.InfiniteTimeSpan, ErrorCodes.TimeoutTotal);
        Connection?.Answered();
    }

    /// <summary>Another message is answered in its place: the timer is that one's from now on.</summary>
    public void Detach() => _timer = null;

    /// <summary>A message like this one but for the body, which the caller adds.</summary>
    public WireRequest Again()
    {
        var copy = new WireRequest(Method, RequestUri!, Timeouts, _timer!, _timer!.Clock.GetTimestamp())
        {
            Budget = Budget,
            Ledger = Ledger,
            IsFollowUp = IsFollowUp,
            Version = Version,
            VersionPolicy = VersionPolicy,
        };
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

    /// <summary>Has something done when the answer is over, or there is none.</summary>
    public void WhenOver(Action action) => Extra.WhenOver = action;

    /// <summary>The answer has been read, or will not be. Said more than once, the first time counts.</summary>
    public void Finish()
    {
        if (_isOver || Interlocked.Exchange(ref _isOver, true))
            return;
        if (_hasBegun)
            Ledger?.End();
        if (_extras is not { } extra)
            return;
        lock (extra)
        {
            extra.Shared?.Leave();
            extra.Shared = null;
        }
        extra.WhenOver?.Invoke();
    }

    protected override void Dispose(bool disposing)
    {
        _timer = null;
        base.Dispose(disposing);
    }

    private sealed class Extras
    {
        public NetworkBudget? Budget { get; set; }

        public DialTrace? Dial { get; set; }

        public DialedStream? Shared { get; set; }

        public Action? WhenOver { get; set; }
    }
}

using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Codomyrmex.Networking.Sockets.Internal;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Sockets;

/// <summary>
/// One TCP connection, or one over a Unix-domain socket or another stream, seen from either side: frames in both directions.
/// </summary>
/// <remarks>
/// <para>Sending is thread-safe: frames of several senders never mix. Receiving is for one at a time, beside any number of senders.</para>
/// <para>
/// A received frame lies in the connection's buffer and is valid until the next one is asked for or the connection is disposed; copy what is kept
/// longer.
/// </para>
/// <para>
/// A receive that the caller cancels loses nothing. A send that is cancelled halfway breaks the connection, as what follows could not be
/// read. So does every limit that the peer oversteps.
/// </para>
/// <para>
/// A send that fails because the peer has closed or reset the connection ends this side alone: what has arrived is still received, an answer that came
/// early among it. Then the receive fails for the same reason.
/// </para>
/// </remarks>
public sealed partial class TCPConnection : IAsyncDisposable
{
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(5);

    // As long as what a peer had sent before it heard of the end may be on its way, on most paths.
    internal static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(250);

    private readonly Inbox _inbox;
    private Endpoint? _endpoint;
    private NetworkFailure? _failure;
    private NetworkFailure? _unsendable;
    private NetworkFailure? _unreadable;
    private Stream? _view;
    private PipeReader? _input;
    private PipeWriter? _output;
    private TaskCompletionSource? _disposed;
    private int _isDisposing;
    private int _isDisposed;

    internal TCPConnection(Endpoint? endpoint, Stream stream, WireEnd end, Framing framing, ConnectionLimits limits, TimeProvider clock)
    {
        _endpoint = endpoint;
        Stream = stream;
        End = end;
        RemoteEndPoint = end.Remote;
        Framing = framing;
        Limits = limits;
        Clock = clock;
        Outbox = new Outbox(this);
        _inbox = new Inbox(this);
        ConnectionWatch.On(clock).Add(this, limits.Granularity);
    }

    /// <summary>Whom it leads to: host and port as the client named them; of an accepted connection, the peer's address.</summary>
    public Endpoint Endpoint => _endpoint ??= NameOf(RemoteEndPoint);

    /// <summary>The address on this side; null where there is none, or where the connection was closed before anybody asked.</summary>
    public EndPoint? LocalEndPoint => field ??= End.Local;

    /// <summary>
    /// The address on the other side: behind a proxy, the proxy's for who connected; for who accepted, the one that a trusted proxy
    /// vouches for (<see cref="TCPServerOptions.TrustedProxies"/>). Null where there is none.
    /// </summary>
    public EndPoint? RemoteEndPoint { get; internal init; }

    /// <summary>The address of the proxy that vouches for <see cref="RemoteEndPoint"/>; null where none does.</summary>
    public EndPoint? ProxyEndPoint { get; internal init; }

    /// <summary>What TLS agreed on and the certificates of the peer; null without TLS.</summary>
    public TlsFacts? Tls { get; internal set; }

    /// <summary>Where a frame ends. A change holds for the next frame in either direction.</summary>
    public Framing Framing
    {
        get;
        set => field = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>Bytes received so far, headers and trailers of frames included.</summary>
    public long BytesReceived => _inbox.Bytes;

    /// <summary>Bytes sent so far, headers and trailers of frames included.</summary>
    public long BytesSent => Outbox.Bytes;

    /// <summary>Whether frames can go both ways, as far as is known: neither side has ended or broken it.</summary>
    public bool IsOpen => IsUsable && !Outbox.HasEnded;

    internal Stream Stream { get; private set; }

    internal WireEnd End { get; }

    internal ConnectionLimits Limits { get; }

    internal TimeProvider Clock { get; }

    internal Outbox Outbox { get; }

    /// <summary>Fires when the server that accepted it stops listening.</summary>
    internal CancellationToken Leaving { get; init; }

    /// <summary>Fires when the server that accepted it comes to its end: what has arrived is still given out, then nothing more is waited for.</summary>
    internal CancellationToken Draining { get; init; }

    /// <summary>Fires when the server that accepted it will wait no longer.</summary>
    internal CancellationToken Stopping { get; init; }

    /// <summary>Whether everything has been said here, and only the peer is given time to notice.</summary>
    internal bool IsLingering { get; private set; }

    /// <summary>Completes when it is disposed.</summary>
    internal Task WhenDisposed
    {
        get
        {
            var fresh = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var disposed = Interlocked.CompareExchange(ref _disposed, fresh, null) ?? fresh;
            if (Volatile.Read(ref _isDisposed) != 0)
                disposed.TrySetResult();
            return disposed.Task;
        }
    }

    /// <summary>Whether there may be something to receive, be it the news that it has ended.</summary>
    internal bool HasNews { get; private set; } = true;

    /// <summary>Whether the peer may still have something to say, whatever this side has ended.</summary>
    internal bool MayHear => !IsBroken && !_inbox.HasEnded && _unreadable is null;

    /// <summary>Whether nothing calls for another connection: the peer may still have something to say, and takes what this side has not ended itself.</summary>
    internal bool IsUsable => MayHear && MaySend;

    /// <summary>Whether no send has failed.</summary>
    internal bool MaySend => !IsBroken && Volatile.Read(ref _unsendable) is null;

    /// <summary>Whether this side disposes of it, and nothing else has ended it before.</summary>
    internal bool EndsHere => Volatile.Read(ref _isDisposing) != 0 && Volatile.Read(ref _failure) is null && Volatile.Read(ref _unsendable) is null && !Stopping.IsCancellationRequested;

    internal bool IsBroken => Volatile.Read(ref _failure) is not null || Volatile.Read(ref _isDisposed) != 0;

    /// <summary>Sends one frame, with everything gathered before it.</summary>
    /// <param name="frame">The frame's payload; not to be changed until the call is over.</param>
    /// <param name="cancellationToken">Cancels the call. Where the frame has begun to leave, that breaks the connection.</param>
    /// <exception cref="ConnectionException">The connection is broken; <see cref="NetworkException.WasSent"/> says whether the peer can have seen the frame.</exception>
    /// <exception cref="NetworkTimeoutException"><c>timeout.idle</c>: the peer takes nothing.</exception>
    /// <exception cref="ArgumentException">The framing cannot carry the payload.</exception>
    public ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken = default) =>
        Outbox.WriteAsync(frame, flush: true, cancellationToken);

    /// <summary>Sends one frame of text in UTF-8.</summary>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, CancellationToken)" path="/exception"/>
    public ValueTask SendAsync(string text, CancellationToken cancellationToken = default) =>
        SendAsync(Encoding.UTF8.GetBytes(text ?? throw new ArgumentNullException(nameof(text))), nameof(text), cancellationToken);

    /// <summary>The same for a caller who calls the payload something else.</summary>
    internal ValueTask SendAsync(ReadOnlyMemory<byte> frame, string parameter, CancellationToken cancellationToken) =>
        Outbox.WriteAsync(frame, flush: true, cancellationToken, parameter);

    /// <summary>
    /// Adds a frame to what leaves with the next <see cref="FlushAsync"/> or send, or when a receive has to wait for the peer: the answers to many
    /// requests that came together leave together. Waits only where 64 KiB are gathered and the peer does not take them.
    /// </summary>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, CancellationToken)"/>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken = default) =>
        Outbox.WriteAsync(frame, flush: false, cancellationToken);

    /// <summary>Sends what has been gathered.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, CancellationToken)" path="/exception"/>
    public ValueTask FlushAsync(CancellationToken cancellationToken = default) => Outbox.FlushAsync(cancellationToken);

    /// <summary>Receives the next frame.</summary>
    /// <param name="cancellationToken">Cancels the call; nothing is lost.</param>
    /// <returns>Its payload, valid until the next receive.</returns>
    /// <exception cref="ConnectionException">
    /// The peer ended the connection (<c>tcp.closed_early</c>) or broke it (<c>tcp.reset</c>), sent too large a frame (<c>tcp.frame_too_large</c>) or
    /// none at all (<c>tcp.frame_malformed</c>), or is too slow (<c>tcp.too_slow</c>).
    /// </exception>
    /// <exception cref="NetworkTimeoutException">Nothing came in time.</exception>
    /// <exception cref="ObjectDisposedException">It is disposed, be it while the call waits.</exception>
    public ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        var next = _inbox.NextAsync(cancellationToken);
        return next.IsCompletedSuccessfully && next.Result ? new(_inbox.Current) : WaitAsync(next);

        async ValueTask<ReadOnlyMemory<byte>> WaitAsync(ValueTask<bool> next) =>
            await next.ConfigureAwait(false) ? _inbox.Current : throw NoneFollows();
    }

    /// <summary>Receives the next frame; null where the peer has ended its side, the server is being stopped, or the connection is disposed meanwhile.</summary>
    /// <inheritdoc cref="ReceiveAsync"/>
    public async ValueTask<ReadOnlyMemory<byte>?> TryReceiveAsync(CancellationToken cancellationToken = default) =>
        await _inbox.NextAsync(cancellationToken).ConfigureAwait(false) ? _inbox.Current : default(ReadOnlyMemory<byte>?);

    /// <summary>Receives frames until the peer ends its side, the server is being stopped and nothing more has arrived, or the connection is disposed.</summary>
    /// <inheritdoc cref="ReceiveAsync"/>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> ReceiveAllAsync(CancellationToken cancellationToken = default) =>
        new FrameSequence(_inbox, cancellationToken);

    /// <summary>
    /// Ends this side: the peer reads to the end of what was sent, and may go on sending (RFC 9293, section 3.6). Through TLS, with its own word of
    /// goodbye (RFC 8446, section 6.1).
    /// </summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    public ValueTask EndSendingAsync(CancellationToken cancellationToken = default) => EndWithinAsync(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>Breaks the connection off (RST): what is under way on it fails, the peer is not told why. Safe to call at any time.</summary>
    public void Abort() => Break(Failure(ErrorCodes.TcpReset, $"The connection to {Endpoint} was broken off by this side.", NetworkPhase.Close));

    /// <summary>
    /// The connection as a stream of bytes past all framing: what was received and not given out, then what comes. Writing to it sends at once. Made
    /// when it is first asked for; disposing it disposes the connection.
    /// </summary>
    public Stream AsStream() => _view ??= new ConnectionStream(this, _inbox);

    /// <summary>The receiving side as a pipe, past all framing. Made when it is first asked for.</summary>
    public PipeReader Input => _input ??= PipeReader.Create(AsStream(), new StreamPipeReaderOptions(useZeroByteReads: true, leaveOpen: true));

    /// <summary>The sending side as a pipe, past all framing. Made when it is first asked for.</summary>
    public PipeWriter Output => _output ??= PipeWriter.Create(AsStream(), new StreamPipeWriterOptions(leaveOpen: true));

    /// <summary>
    /// Ends the connection in an orderly way: sends what was gathered, says that nothing follows, and closes. What the peer still sends is not
    /// read.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposing, 1) != 0)
        {
            // To close it now would take away what the first one is still sending.
            await WhenDisposed.ConfigureAwait(false);
            return;
        }
        try
        {
            if (MaySend)
            {
                await EndWithinAsync(Goodbye, CancellationToken.None).ConfigureAwait(false);
                // Closing with bytes unread, or still to come, resets the connection, which may take what was sent with it (RFC 2525, section 2.17).
                // Not where somebody still receives: there is one reader at a time.
                if (!_inbox.PeerHasEnded && !_inbox.IsBusy)
                    await (Leaving.IsCancellationRequested ? LingerAsync() : DiscardAsync()).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is NetworkException or OperationCanceledException or InvalidOperationException or TimeoutException or IOException)
        {
            // It was to be closed anyway.
        }
        Volatile.Write(ref _isDisposed, 1);
        ConnectionWatch.On(Clock).Remove(this);
        await Stream.DisposeAsync().ConfigureAwait(false);
        _inbox.Close();
        Outbox.Close();
        Interlocked.MemoryBarrier();
        _disposed?.TrySetResult();
    }

    /// <summary><c>host:port</c> of the other side.</summary>
    public override string ToString() => Endpoint.ToString();

    /// <summary>How the other side of an accepted connection is called.</summary>
    internal static Endpoint NameOf(EndPoint? remote) => remote switch
    {
        IPEndPoint ip => Endpoint.Of(ip),
        null => new Endpoint("stream", 0),
        _ => new Endpoint("unix", 0),
    };

    internal static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.### s", CultureInfo.InvariantCulture);

    /// <summary>Marks it as broken and closes the wire; whoever waits on it is told why. The first reason holds.</summary>
    internal void Break(NetworkFailure failure)
    {
        if (Interlocked.CompareExchange(ref _failure, failure, null) is null && Volatile.Read(ref _isDisposed) == 0)
            End.Abort();
    }

    /// <summary>Nothing more can be read; sending goes on, for a last word.</summary>
    internal NetworkException Spoil(string code, string message)
    {
        _unreadable = Failure(code, message, NetworkPhase.Receive);
        HasNews = false;
        return _unreadable.ToException();
    }

    /// <summary>Whether one of its limits is overstepped.</summary>
    internal NetworkFailure? Overstepped(long now)
    {
        if (_failure is not null)
            return null;
        if (_inbox.Overstepped(now) is { } reading)
            return Failure(reading.Code, $"{Endpoint} {reading.What}.", reading.Code == ErrorCodes.TimeoutFirstByte ? NetworkPhase.FirstByte : NetworkPhase.Receive);
        return Outbox.Overstepped(now) is { } writing ? Failure(writing.Code, $"{Endpoint} {writing.What}.", NetworkPhase.Send) with { WasSent = WasSent.Maybe } : null;
    }

    internal void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);

    internal void ThrowIfBroken(WasSent wasSent)
    {
        ThrowIfDisposed();
        if (Volatile.Read(ref _failure) is not null)
            throw Broken(wasSent);
    }

    /// <summary>Throws where a send has failed.</summary>
    internal void ThrowIfUnsendable(WasSent wasSent)
    {
        if (Volatile.Read(ref _unsendable) is { } failure)
            throw (failure with { WasSent = wasSent }).ToException();
    }

    /// <summary>The error of whoever uses a broken connection.</summary>
    internal Exception Broken(WasSent wasSent)
    {
        HasNews = false;
        if (Stopping.IsCancellationRequested)
            return new OperationCanceledException(Stopping);
        return (Volatile.Read(ref _failure) ?? Volatile.Read(ref _unsendable)) is { } failure
            ? (failure with { WasSent = wasSent }).ToException()
            : new ObjectDisposedException(nameof(TCPConnection));
    }

    /// <summary>
    /// The stream is over. That is the peer's end, unless a send has failed: the system tells of a reset once, and where a send was told, a read finds
    /// nothing but an end.
    /// </summary>
    /// <returns>0, as the read that found the end: who waits for that needs no room to wait for this.</returns>
    internal async ValueTask<int> ConfirmEndAsync()
    {
        // One that is under way is about to be told.
        if (End.IsGivenUp)
            await Outbox.SettleAsync().ConfigureAwait(false);
        if (Volatile.Read(ref _unsendable) is { } failure)
            throw Fail(failure, error: null);
        return 0;
    }

    /// <summary>The peer has ended its side, and whoever receives has been told.</summary>
    internal void EndIsTold() => HasNews = false;

    internal void ThrowIfUnreadable()
    {
        ThrowIfBroken(HasSent);
        if (_unreadable is { } failure)
            throw failure.ToException();
    }

    /// <summary>What went wrong with the stream, in our words; null where it is the caller's cancellation or no error of the network.</summary>
    internal Exception? Explain(Exception error, NetworkPhase phase, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _failure) is not null || Volatile.Read(ref _isDisposed) != 0)
            return cancellationToken.IsCancellationRequested ? new OperationCanceledException(cancellationToken) : Broken(phase == NetworkPhase.Send ? WasSent.Maybe : HasSent);
        if (error is OperationCanceledException)
            return null;
        if (ErrorMap.Ours(error) is { } ours)
            return ours;
        if (error is not (IOException or System.Net.Sockets.SocketException or ObjectDisposedException or System.Security.Authentication.AuthenticationException or System.Security.Cryptography.CryptographicException))
            return null;
        var code = ErrorMap.Code(error, inBody: false);
        // The system gives up on a peer that no longer acknowledges (keep-alive, user timeout).
        if (code == ErrorCodes.TimeoutConnect)
            code = ErrorCodes.TimeoutIdle;
        var failure = Failure(code, $"{Sentence(code)} ({TlsConnector.Reason(error)})", phase) with { WasSent = phase == NetworkPhase.Send ? WasSent.Maybe : HasSent };
        if (phase == NetworkPhase.Receive || code is not (ErrorCodes.TcpReset or ErrorCodes.TcpClosedEarly or ErrorCodes.TlsClosedEarly))
            return Fail(Volatile.Read(ref _unsendable) ?? failure, error);
        // What the peer had said before is still to be had.
        Interlocked.CompareExchange(ref _unsendable, failure, null);
        return failure.ToException(error);
    }

    private NetworkException Fail(NetworkFailure failure, Exception? error)
    {
        Interlocked.CompareExchange(ref _failure, failure, null);
        HasNews = false;
        End.Abort();
        return failure.ToException(error);
    }

    private WasSent HasSent => Outbox.Bytes > 0 ? WasSent.Maybe : WasSent.Never;

    private string Sentence(string code) => code switch
    {
        ErrorCodes.TcpReset => $"{Endpoint} broke the connection.",
        ErrorCodes.TcpClosedEarly or ErrorCodes.TlsClosedEarly => $"The connection to {Endpoint} ended early.",
        ErrorCodes.TimeoutIdle => $"{Endpoint} acknowledged nothing for too long.",
        _ => $"The connection to {Endpoint} failed: {ErrorCodes.Find(code)?.Summary ?? code}",
    };

    private NetworkFailure Failure(string code, string message, NetworkPhase phase) =>
        new() { Code = code, Message = message, Phase = phase, Endpoint = Endpoint, WasSent = HasSent };

    private Exception NoneFollows() =>
        EndsHere ? new ObjectDisposedException(nameof(TCPConnection)) : Failure(ErrorCodes.TcpClosedEarly, $"{Endpoint} ended the connection; no frame follows.", NetworkPhase.Receive).ToException();

    /// <param name="goodbye">How long the word of goodbye of TLS may take; what was gathered has the limit of every send.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    private async ValueTask EndWithinAsync(TimeSpan goodbye, CancellationToken cancellationToken)
    {
        ThrowIfUnsendable(WasSent.Maybe);
        if (!await Outbox.EndAsync(cancellationToken).ConfigureAwait(false))
            return;
        try
        {
            if (Stream is TlsStream tls)
                await tls.ShutdownAsync().WaitAsync(goodbye, Clock, cancellationToken).ConfigureAwait(false);
            End.EndSending();
        }
        catch (Exception error) when (Explain(error, NetworkPhase.Close, cancellationToken) is { } explained)
        {
            throw explained;
        }
    }

    /// <summary>
    /// The server has ended first, which the peer may not know yet: reads past what it still sends until it ends too, or says nothing more. A peer that is too slow
    /// to take its last answers is quiet as well; a reset would take away what its system does not have yet.
    /// </summary>
    private async Task LingerAsync()
    {
        IsLingering = true;
        var buffer = new byte[4096];
        var since = Clock.GetTimestamp();
        do
        {
            using var quiet = new CancellationTokenSource(Quiet, Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(quiet.Token, Stopping);
            try
            {
                while (IsInTime() && await End.Stream.ReadAsync(buffer, either.Token).ConfigureAwait(false) > 0)
                    quiet.CancelAfter(Quiet);
                return;
            }
            catch (OperationCanceledException) when (!Stopping.IsCancellationRequested)
            {
                // It is quiet.
            }
        }
        while (End.IsUnacknowledged && IsInTime());

        bool IsInTime() => Clock.GetElapsedTime(since) < Goodbye;
    }

    private async Task DiscardAsync()
    {
        var buffer = new byte[4096];
        for (var left = 256 * 1024; left > 0 && End.Available > 0;)
        {
            var count = await End.Stream.ReadAsync(buffer).ConfigureAwait(false);
            if (count == 0)
                return;
            left -= count;
        }
    }
}

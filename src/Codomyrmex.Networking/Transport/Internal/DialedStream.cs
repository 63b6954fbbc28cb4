using System.Runtime.CompilerServices;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// A connection as the dialer hands it out: a stream that knows how it was made, tells the request that writes to it who carries it,
/// and stops a peer that sends endless heads.
/// </summary>
internal sealed class DialedStream(Stream inner, DialTrace trace) : DuplexStream
{
    private WireRequest? _awaited;
    private long _headBytes;
    private int _sharers;
    private int _isClosed;

    public DialTrace Trace { get; } = trace;

    /// <summary>The stream beneath: the socket's own, or that of TLS to a proxy.</summary>
    public Stream Inner => inner;

    /// <summary>
    /// Whether it carries one HTTP/1.1 request at a time, and so can tell each that it does. Not so where many share it (HTTP/2), nor
    /// where another stream of ours lies on top (TLS to a proxy).
    /// </summary>
    public bool IntroducesItself { get; set; }

    /// <summary>Whether it has been closed, from this side or after the other's end.</summary>
    public bool IsClosed => Volatile.Read(ref _isClosed) != 0;

    /// <summary>Bytes that answers may take before the fields of the final one have arrived.</summary>
    public int HeadLimit { get; set; } = int.MaxValue;

    /// <summary>Whether a request is under way on it.</summary>
    public bool IsBusy => IntroducesItself ? _awaited is { IsOver: false } : Volatile.Read(ref _sharers) > 0;

    /// <summary>Told once, when it is closed.</summary>
    public Action<DialedStream>? OnClosed { get; set; }

    /// <summary>The head that was awaited is complete: what comes now is body, or belongs to the next.</summary>
    public void Answered() => _awaited = null;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (IntroducesItself && WireRequest.TakeWritten() is { } request)
            Introduce(request);
        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _awaited is { HeadersReceived: false } ? ReadHeadAsync(buffer, cancellationToken) : inner.ReadAsync(buffer, cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    /// <summary>One of the requests that share it begins.</summary>
    public void Enter() => Interlocked.Increment(ref _sharers);

    /// <summary>One of the requests that share it is over.</summary>
    public void Leave() => Interlocked.Decrement(ref _sharers);

    public override ValueTask DisposeAsync()
    {
        MarkClosed();
        return inner.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        MarkClosed();
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }

    private void MarkClosed()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) == 0)
            OnClosed?.Invoke(this);
    }

    private void Introduce(WireRequest request)
    {
        if (!ReferenceEquals(_awaited, request))
        {
            _awaited = request;
            _headBytes = 0;
        }
        request.Sending(this);
    }

    // The platform limits each head, not their number: endless 1xx answers would keep it reading until the deadline.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadHeadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        // What was read before this read was all head, since the fields have not arrived yet; this read may bring body along.
        var head = Interlocked.Add(ref _headBytes, count) - count;
        if (_awaited is { HeadersReceived: false } && head > HeadLimit)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.HttpTooLarge,
                Message = $"{Trace.Endpoint} sent more than {HeadLimit} bytes of interim answers and fields (ResponseLimits.HeaderBytes).",
                Phase = NetworkPhase.FirstByte,
                Endpoint = Trace.Endpoint,
                WasSent = WasSent.Maybe,
            }.ToException();
        }
        return count;
    }
}

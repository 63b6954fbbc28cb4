using System.Runtime.CompilerServices;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A streamed body: mapped to our errors, limited, timed, and telling how far it is.</summary>
internal sealed class ResponseStream : ReadOnlyStream
{
    private readonly Response _response;
    private readonly Stream _body;
    private readonly long _limit;
    private readonly long? _length;
    private readonly IProgress<TransferProgress>? _progress;
    private PhaseTimer? _timer;
    private bool _ownsTimer;
    private long _bytes;
    private bool _isCancelled;

    public ResponseStream(Response response, Stream body, PhaseTimer timer, long limit, long? length, IProgress<TransferProgress>? progress)
    {
        (_response, _body, _timer, _limit, _length, _progress) = (response, body, timer, limit, length, progress);
        Rest(timer);
    }

    /// <summary>Takes the timer over from the operation; it goes back when the stream is disposed.</summary>
    public void OwnTimer() => _ownsTimer = true;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isCancelled)
            throw new InvalidOperationException("An earlier read of this body was cancelled, and its connection is closed; send the request again.");
        var timer = _timer ?? throw new ObjectDisposedException(nameof(Response));
        // The caller's token of this read, beside the one of the call that the timer already follows.
        using var caller = cancellationToken.UnsafeRegister(static timer => ((PhaseTimer)timer!).Cancel(), timer);
        try
        {
            var pending = _body.ReadAsync(buffer, timer.Token);
            var waits = !pending.IsCompleted;
            if (waits)
                timer.Arm(_response.IdleTimeout, ErrorCodes.TimeoutIdle);
            var count = await pending.ConfigureAwait(false);
            if (waits)
                Rest(timer);
            Count(count, buffer.Length);
            return count;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _isCancelled = true;
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception error) when (_response.Explain(error, timer) is { } failure)
        {
            if (ReferenceEquals(failure, error))
                throw;
            throw failure;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _body.Dispose();
            if (Interlocked.Exchange(ref _timer, null) is { } timer && _ownsTimer)
                PhaseTimers.Return(timer);
        }
        base.Dispose(disposing);
    }

    // While nobody reads, the server is not to blame: only the total deadline holds.
    private static void Rest(PhaseTimer timer) => timer.Arm(Timeout.InfiniteTimeSpan, ErrorCodes.TimeoutTotal);

    private void Count(int count, int room)
    {
        _bytes += count;
        if (count == 0 && room > 0)
        {
            if (_bytes < _length)
                throw _response.Truncated(_bytes, _length.Value);
            _response.Done();
            return;
        }
        _response.Spend(count);
        _progress?.Report(new TransferProgress(_bytes, _length));
        if (_bytes > _limit)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.HttpTooLarge,
                Message = $"The body from {_response.Endpoint} is larger than {_limit} bytes (ResponseLimits.StreamedBytes).",
                Phase = NetworkPhase.Receive,
                Endpoint = _response.Endpoint,
                WasSent = WasSent.Yes,
            }.ToException();
        }
    }
}

using System.Runtime.CompilerServices;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A streamed body: mapped to our errors, limited, timed, and telling how far it is.</summary>
internal sealed class ResponseStream : ReadOnlyStream
{
    private const int Idle = 0;
    private const int Reading = 1;
    private const int Disposed = 2;
    private const int Ending = 4;

    private readonly Response _response;
    private readonly Stream _body;
    private readonly PhaseTimer _timer;
    private readonly long _limit;
    private readonly long? _length;
    private readonly IProgress<TransferProgress>? _progress;
    private int _state;
    private bool _ownsTimer;
    private bool _isCancelled;
    private bool _isDisposed;
    private long _bytes;

    public ResponseStream(Response response, Stream body, PhaseTimer timer, long limit, long? length, IProgress<TransferProgress>? progress)
    {
        (_response, _body, _timer, _limit, _length, _progress) = (response, body, timer, limit, length, progress);
        Rest();
    }

    /// <summary>Takes the timer over from the operation; it goes back when the stream is disposed and nobody reads any more.</summary>
    public void OwnTimer() => _ownsTimer = true;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isCancelled)
            throw new InvalidOperationException("An earlier read of this body was cancelled, and its connection is closed; send the request again.");
        var before = Interlocked.CompareExchange(ref _state, Reading, Idle);
        ObjectDisposedException.ThrowIf((before & Disposed) != 0, typeof(Response));
        if (before == Reading)
            throw new InvalidOperationException("A body has one reader: the read before this one is still under way.");
        try
        {
            // The caller's token of this read, beside the one of the call that the timer already follows.
            using var caller = cancellationToken.UnsafeRegister(static timer => ((PhaseTimer)timer!).Cancel(), _timer);
            var pending = _body.ReadAsync(buffer, _timer.Token);
            var waits = !pending.IsCompleted;
            if (waits)
                _timer.Arm(_response.IdleTimeout, ErrorCodes.TimeoutIdle);
            var count = await pending.ConfigureAwait(false);
            if (waits)
                Rest();
            Count(count, buffer.Length);
            return count;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _isCancelled = true;
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception) when ((Volatile.Read(ref _state) & Disposed) != 0)
        {
            throw new ObjectDisposedException(nameof(Response));
        }
        catch (Exception error) when (_response.Explain(error, _timer) is { } failure)
        {
            if (ReferenceEquals(failure, error))
                throw;
            throw failure;
        }
        finally
        {
            // The timer has served this read to its end; only now may another call get it.
            if (Interlocked.And(ref _state, ~Reading) == (Reading | Disposed))
                LetGo();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !Interlocked.Exchange(ref _isDisposed, true))
        {
            // A read that is under way is cancelled, which closes its connection: disposing of the body under it would make the engine read
            // the rest beside it. Whoever is through last, that read or this, lets go.
            if (Interlocked.Or(ref _state, Disposed | Ending) == Reading)
                _timer.Cancel();
            if (Interlocked.And(ref _state, ~Ending) == (Disposed | Ending))
                LetGo();
        }
        base.Dispose(disposing);
    }

    // While nobody reads, the server is not to blame: only the total deadline holds.
    private void Rest() => _timer.Arm(Timeout.InfiniteTimeSpan, ErrorCodes.TimeoutTotal);

    private void LetGo()
    {
        _body.Dispose();
        if (!_ownsTimer)
            return;
        PhaseTimers.Return(_timer);
        _response.Left();
    }

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
        if (_bytes > _length)
            throw _response.Longer(_length.Value);
        if (_bytes > _limit)
            throw _response.TooLarge(_limit, nameof(ResponseLimits.StreamedBytes));
    }
}

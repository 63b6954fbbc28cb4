using System.Runtime.CompilerServices;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A streamed body: mapped to our errors, limited, timed, and telling how far it is.</summary>
internal sealed class ResponseStream(Response response, Stream body, long limit, long? length, IProgress<TransferProgress>? progress) : ReadOnlyStream
{
    private long _bytes;
    private bool _isCancelled;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_isCancelled)
            throw new InvalidOperationException("An earlier read of this body was cancelled, and its connection is closed; send the request again.");
        var timer = response.Timer ?? throw new ObjectDisposedException(nameof(Response));
        // The caller's token of this read, beside the one of the call that the timer already follows.
        using var caller = cancellationToken.UnsafeRegister(static timer => ((PhaseTimer)timer!).Cancel(), timer);
        try
        {
            var pending = body.ReadAsync(buffer, timer.Token);
            var waits = !pending.IsCompleted;
            if (waits)
                response.Rearm();
            var count = await pending.ConfigureAwait(false);
            if (waits)
                response.Rest();
            Count(count, buffer.Length);
            return count;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _isCancelled = true;
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception error) when (response.Explain(error) is { } failure)
        {
            if (ReferenceEquals(failure, error))
                throw;
            throw failure;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            body.Dispose();
        base.Dispose(disposing);
    }

    private void Count(int count, int room)
    {
        _bytes += count;
        if (count == 0 && room > 0)
        {
            if (_bytes < length)
                throw response.Truncated(_bytes, length.Value);
            response.Done();
            return;
        }
        response.Spend(count);
        progress?.Report(new TransferProgress(_bytes, length));
        if (_bytes > limit)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.HttpTooLarge,
                Message = $"The body from {response.Endpoint} is larger than {limit} bytes (ResponseLimits.StreamedBytes).",
                Phase = NetworkPhase.Receive,
                Endpoint = response.Endpoint,
                WasSent = WasSent.Yes,
            }.ToException();
        }
    }
}

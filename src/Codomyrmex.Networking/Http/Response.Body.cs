using System.Buffers;
using System.Runtime.CompilerServices;
using Codomyrmex.Networking.Http.Internal;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http;

/// <summary>The body of a response: read into pooled memory at once, or handed out as a stream.</summary>
public sealed partial class Response
{
    private const int FirstBuffer = 16 * 1024;

    /// <summary>
    /// The body as a stream, decoded; its errors are <see cref="NetworkException"/>s, its limits and timeouts those of the request.
    /// One reader, once.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The response has been disposed.</exception>
    public Stream OpenStream()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _body as ResponseStream ?? (Stream)new MemoryStream(Content.ToArray(), writable: false);
    }

    /// <summary>Reads the rest of a streamed body into memory, within <see cref="ResponseLimits.BufferedBytes"/>.</summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async Task<Response> BufferAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_body is not ResponseStream stream)
            return this;
        if (_details?.Broken is { } before)
            throw new InvalidOperationException("The body could not be read the first time, and cannot be read again; send the request again.", before);
        try
        {
            await FillAsync(stream, null, null, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            (_details ??= new Details()).Broken = error;
            throw;
        }
        // Its connection and its timer are free again.
        await stream.DisposeAsync().ConfigureAwait(false);
        return this;
    }

    /// <summary>Opens the body when its fields have arrived: reads it whole, or prepares it to be streamed.</summary>
    internal ValueTask OpenAsync(bool isStreamed, PhaseTimer timer) =>
        // The platform hands the stream over at once; its asynchronous form would wrap it in a task. Other handlers' contents may have to wait.
        _exchange.Handler.IsForeign ? OpenForeignAsync(isStreamed, timer) : OpenAsync(_message.Content.ReadAsStream(timer.Token), isStreamed, timer);

    private async ValueTask OpenForeignAsync(bool isStreamed, PhaseTimer timer)
    {
        timer.Arm(_exchange.Timeouts.Idle, ErrorCodes.TimeoutIdle);
        var body = await _message.Content.ReadAsStreamAsync(timer.Token).ConfigureAwait(false);
        await OpenAsync(body, isStreamed, timer).ConfigureAwait(false);
    }

    private ValueTask OpenAsync(Stream body, bool isStreamed, PhaseTimer timer)
    {
        var limits = _exchange.Limits;
        var length = ContentLength();
        // RFC 9112, section 6.3: these have no body, whatever length they give.
        var hasBody = length != 0 && Wire.Method != HttpMethod.Head && Status is not (204 or 304);
        if (hasBody && _exchange.Session.Options.Decompress && !_exchange.Options.KeepsCoding && ContentDecoding.Codings(_message, limits, Url) is { } codings)
        {
            body = ContentDecoding.Decode(body, codings, limits, Endpoint);
            IsDecoded = true;
            length = null;
        }
        if (isStreamed)
        {
            _body = new ResponseStream(this, body, timer, limits.StreamedBytes, hasBody ? length : 0, _exchange.Options.DownloadProgress);
            return ValueTask.CompletedTask;
        }
        // The message stays: its fields are the response's. Its connection goes back to the pool.
        return FillAsync(body, hasBody ? length : 0, timer, timer.Token);
    }

    /// <summary>Whether content codings were undone: the fields still speak of the coded form.</summary>
    internal bool IsDecoded { get; private set; }

    /// <summary>Takes the timer over from the operation where the body is still to be read; it goes back when the response is disposed.</summary>
    internal bool TakeTimer()
    {
        if (_body is not ResponseStream stream)
            return false;
        stream.OwnTimer();
        return true;
    }

    internal NetworkException? Explain(Exception error, PhaseTimer timer)
    {
        var failure = _exchange.Explain(error, Wire, timer, inBody: true);
        // The operation has ended, and can no longer add what it knows.
        failure?.Complete(failure.Failure with { Elapsed = _exchange.Clock.GetElapsedTime(_exchange.StartedAt), Attempts = [.. _exchange.Failed ?? [], .. failure.Attempts] });
        return failure;
    }

    /// <summary>The streamed body has been let go: the call is over.</summary>
    internal void Left() => _exchange.Session.Pool.Leave();

    internal TimeSpan IdleTimeout => _exchange.Timeouts.Idle;

    internal void Done()
    {
        Volatile.Write(ref _doneAt, _exchange.Clock.GetTimestamp());
        Wire.Finish();
    }

    /// <summary>Bytes of the body have come. What a cache gave cost nothing.</summary>
    internal void Spend(int count)
    {
        if (_exchange.Options.Budget is { } budget && Cache is CacheOutcome.None or CacheOutcome.Miss)
            budget.SpendBytes(count, Endpoint);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FillAsync(Stream body, long? length, PhaseTimer? timer, CancellationToken cancellationToken)
    {
        var limit = _exchange.Limits.BufferedBytes;
        if (length > limit)
            throw TooLarge(limit, nameof(ResponseLimits.BufferedBytes));
        var progress = body is ResponseStream ? null : _exchange.Options.DownloadProgress;
        // Over HTTP/1.1 the engine ends a body at its length; over HTTP/2 only the end shows that there is no more.
        var endsAtLength = Version.Major == 1;
        var room = endsAtLength ? length : length + 1;
        var buffer = room == 0 ? [] : ArrayPool<byte>.Shared.Rent((int)Math.Min(room ?? FirstBuffer, FirstBuffer * 64));
        var count = 0;
        try
        {
            while (count != length || !endsAtLength)
            {
                if (count == buffer.Length)
                    buffer = Grow(buffer, room ?? Math.Min(limit + 1, buffer.Length * 2L));
                var pending = body.ReadAsync(buffer.AsMemory(count), cancellationToken);
                if (!pending.IsCompleted)
                    timer?.Arm(IdleTimeout, ErrorCodes.TimeoutIdle);
                var read = await pending.ConfigureAwait(false);
                if (read == 0)
                {
                    if (count < length)
                        throw Truncated(count, length.Value);
                    break;
                }
                count += read;
                Spend(read);
                if (count > length)
                    throw Longer(length.Value);
                if (count > limit)
                    throw TooLarge(limit, nameof(ResponseLimits.BufferedBytes));
                progress?.Report(new TransferProgress(count, length));
            }
        }
        catch
        {
            if (buffer.Length > 0)
                ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
        _length = count;
        _body = buffer;
        Done();
    }

    private static byte[] Grow(byte[] buffer, long size)
    {
        // What a server declares is believed as its bytes arrive: a large Content-Length alone allocates little.
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(size, Math.Min(Array.MaxLength, buffer.Length * 4L)));
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private long? ContentLength() => _message.Content.Headers.ContentLength;

    internal NetworkException Longer(long length) => Broken(ErrorCodes.HttpMalformed, $"is longer than the {length} bytes announced");

    // Under HTTP/2 the platform does not compare (RFC 9113, section 8.1.1).
    internal NetworkException Truncated(long count, long length) => Broken(ErrorCodes.HttpTruncated, $"ended after {count} of {length} bytes");

    internal NetworkException TooLarge(long limit, string name) => Broken(ErrorCodes.HttpTooLarge, $"is larger than {limit} bytes (ResponseLimits.{name})");

    private NetworkException Broken(string code, string how) => new NetworkFailure
    {
        Code = code,
        Message = $"The body from {Endpoint} {how}.",
        Phase = NetworkPhase.Receive,
        Endpoint = Endpoint,
        WasSent = WasSent.Yes,
        RequestId = RequestId,
    }.ToException();
}

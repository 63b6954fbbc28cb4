using System.Buffers;

namespace Codomyrmex.Networking.Http.Internal;

internal sealed class StreamBody : RequestBody
{
    private const int BufferSize = 128 * 1024;
    private readonly Func<CancellationToken, ValueTask<Stream>> _open;

    public StreamBody(Func<CancellationToken, ValueTask<Stream>> open, long? length, string? contentType, bool isReplayable)
    {
        if (contentType is not null)
            FieldRules.CheckValue("Content-Type", contentType);
        if (length < 0)
            throw new ArgumentOutOfRangeException(nameof(length), length, "A length is not negative.");
        _open = open;
        Length = length;
        ContentType = contentType;
        IsReplayable = isReplayable;
    }

    public override string? ContentType { get; }

    public override long? Length { get; }

    public override bool IsReplayable { get; }

    public override async ValueTask WriteAsync(Stream destination, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        Stream? source = null;
        try
        {
            source = await Local(() => _open(cancellationToken)).ConfigureAwait(false);
            long total = 0;
            while (await Local(() => source.ReadAsync(buffer, cancellationToken)).ConfigureAwait(false) is > 0 and var count)
            {
                total += count;
                if (total > Length)
                    throw Failure($"The body's source has more than the {Length} bytes announced.", null);
                await destination.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            }
            if (total < Length)
                throw Failure($"The body's source ended after {total} of the {Length} bytes announced.", null);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (source is not null)
                await source.DisposeAsync().ConfigureAwait(false);
        }
    }

    // A failing source must not look like a failing network: it would be retried.
    private static async ValueTask<T> Local<T>(Func<ValueTask<T>> read)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failure($"The body's source could not be read: {error.Message}", error);
        }
    }

    private static NetworkException Failure(string message, Exception? cause) => new NetworkFailure
    {
        Code = ErrorCodes.LocalIo,
        Message = message,
        Phase = NetworkPhase.Send,
        WasSent = WasSent.Maybe,
    }.ToException(cause);
}

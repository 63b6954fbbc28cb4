using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A response's body as a sequence. Each reads ahead one buffer, and no more than it has room for.</summary>
internal static class BodySequence
{
    private const int Chunk = 64 * 1024;
    private const string BeforeLastDocument = "documents, before the one that ends it";
    private const string BeforeArrayEnd = "items, before its array was closed";

    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> BytesAsync(Response response, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var stream = response.OpenStream();
        var buffer = ArrayPool<byte>.Shared.Rent(Chunk);
        try
        {
            while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
                yield return buffer.AsMemory(0, count);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public static async IAsyncEnumerable<string> LinesAsync(Response response, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var charset = MediaType.Parse(response.Field("Content-Type")).Charset;
        var text = await TextDecoding.ToUtf8Async(response.OpenStream(), charset, cancellationToken).ConfigureAwait(false);
        using var lines = new PieceReader(text, new LineSplitter(response.Limits.LineBytes, response.Endpoint), response.Limits.LineBytes);
        do
        {
            while (lines.TryRead(out var line))
                yield return Encoding.UTF8.GetString(line);
        }
        while (await lines.FillAsync(cancellationToken).ConfigureAwait(false));
    }

    public static async IAsyncEnumerable<T?> DocumentsAsync<T>(
        Response response, JsonTypeInfo<T> typeInfo, Func<T, bool>? until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var lines = new PieceReader(response.OpenStream(), new LineSplitter(response.Limits.LineBytes, response.Endpoint), response.Limits.LineBytes);
        var place = until is null ? null : BeforeLastDocument;
        var count = 0L;
        do
        {
            while (lines.TryRead(out var line))
            {
                if (line.Trim(" \t"u8).IsEmpty)
                    continue;
                // A last line without its end is a whole document, or the stump of one.
                var item = Parse(response, line, typeInfo, "document", count, lines.IsAtEnd ? place : null);
                count++;
                yield return item;
                if (until is not null && item is not null && until(item))
                    yield break;
            }
        }
        while (await FillAsync(response, lines, place, count, cancellationToken).ConfigureAwait(false));
        if (place is not null)
            throw StreamFailure.CutOff(response, place, count, null);
    }

    public static async IAsyncEnumerable<T?> ItemsAsync<T>(Response response, JsonTypeInfo<T> typeInfo, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var array = new JsonArraySplitter(response.Limits.LineBytes, response.Endpoint);
        using var items = new PieceReader(response.OpenStream(), array);
        var count = 0L;
        do
        {
            while (items.TryRead(out var bytes))
            {
                var item = Parse(response, bytes, typeInfo, "item", count, null);
                count++;
                yield return item;
            }
        }
        while (await FillAsync(response, items, BeforeArrayEnd, count, cancellationToken).ConfigureAwait(false));
        if (!array.IsClosed)
            throw StreamFailure.CutOff(response, BeforeArrayEnd, count, null);
    }

    /// <summary>Waits for more; where the stream promised an end, a break before it is <see cref="StreamTruncatedException"/>.</summary>
    private static async ValueTask<bool> FillAsync(Response response, PieceReader pieces, string? place, long count, CancellationToken cancellationToken)
    {
        try
        {
            return await pieces.FillAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (NetworkException error) when (place is not null && StreamFailure.IsBreak(error))
        {
            throw StreamFailure.CutOff(response, place, count, error);
        }
    }

    private static T? Parse<T>(Response response, ReadOnlySpan<byte> json, JsonTypeInfo<T> typeInfo, string kind, long before, string? cutOff)
    {
        try
        {
            return JsonSerializer.Deserialize(json, typeInfo);
        }
        catch (JsonException) when (cutOff is not null)
        {
            throw StreamFailure.CutOff(response, cutOff, before, null);
        }
        catch (JsonException error)
        {
            throw StreamFailure.NotJson($"The {kind} {before + 1} from {response.Endpoint}", response, error);
        }
    }
}

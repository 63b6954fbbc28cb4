using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Codomyrmex.Networking.Http.Internal;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http;

/// <summary>The body as a sequence. One reader, once; whoever stops early disposes the response, which closes its connection.</summary>
public sealed partial class Response
{
    private const int Chunk = 64 * 1024;
    private const int BeginningBytes = 16 * 1024;
    private static readonly TimeSpan BeginningTime = TimeSpan.FromSeconds(5);

    /// <summary>The body piece by piece, as it arrives. Each piece is valid until the next one is asked for.</summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadBytesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var stream = OpenStream();
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

    /// <summary>
    /// The body line by line, as text in its charset (UTF-8 where none is named; a byte order mark beats both). LF, CR LF and CR end a line; one of more than
    /// <see cref="ResponseLimits.LineBytes"/> (in UTF-8) is an error.
    /// </summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async IAsyncEnumerable<string> ReadLinesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var text = await TextDecoding.ToUtf8Async(OpenStream(), MediaType.Parse(Field("Content-Type")).Charset, cancellationToken).ConfigureAwait(false);
        using var lines = new PieceReader(text, new LineSplitter(Limits.LineBytes, Endpoint));
        do
        {
            while (lines.TryRead(out var line))
                yield return Encoding.UTF8.GetString(line);
        }
        while (await lines.FillAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The body's JSON documents, one a line (NDJSON, JSON Lines), by source-generated metadata. Empty lines are passed over.</summary>
    /// <typeparam name="T">The documents' type.</typeparam>
    /// <param name="typeInfo">Its metadata.</param>
    /// <param name="until">Tells the document that the stream promises to end with; null where there is none.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="HTTPException">A document is not such JSON (<c>http.decode</c>, with its number), or too long (<c>http.too_large</c>).</exception>
    /// <exception cref="StreamTruncatedException">The stream was over before the document that <paramref name="until"/> tells.</exception>
    public IAsyncEnumerable<T?> ReadNdjsonAsync<T>(JsonTypeInfo<T> typeInfo, Func<T, bool>? until = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        return ReadDocumentsAsync(typeInfo, until, cancellationToken);
    }

    /// <summary>The body's JSON documents, one a line (NDJSON, JSON Lines), by reflection with web naming. Empty lines are passed over.</summary>
    /// <inheritdoc cref="ReadNdjsonAsync{T}(JsonTypeInfo{T}, Func{T, bool}?, CancellationToken)"/>
    [RequiresUnreferencedCode("JSON by reflection; use the overload with JsonTypeInfo in trimmed programs.")]
    [RequiresDynamicCode("JSON by reflection; use the overload with JsonTypeInfo under Native AOT.")]
    public IAsyncEnumerable<T?> ReadNdjsonAsync<T>(Func<T, bool>? until = null, CancellationToken cancellationToken = default) =>
        ReadDocumentsAsync(JsonDefaults.TypeInfo<T>(), until, cancellationToken);

    /// <summary>The items of the JSON array that the body is, as they arrive, by source-generated metadata.</summary>
    /// <typeparam name="T">The items' type.</typeparam>
    /// <param name="typeInfo">Its metadata.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="HTTPException">An item is not such JSON (<c>http.decode</c>, with its number), or too long (<c>http.too_large</c>).</exception>
    /// <exception cref="StreamTruncatedException">The body was over before the array was closed.</exception>
    public IAsyncEnumerable<T?> ReadJsonArrayAsync<T>(JsonTypeInfo<T> typeInfo, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        return ReadItemsAsync(typeInfo, cancellationToken);
    }

    /// <summary>The items of the JSON array that the body is, as they arrive, by reflection with web naming.</summary>
    /// <inheritdoc cref="ReadJsonArrayAsync{T}(JsonTypeInfo{T}, CancellationToken)"/>
    [RequiresUnreferencedCode("JSON by reflection; use the overload with JsonTypeInfo in trimmed programs.")]
    [RequiresDynamicCode("JSON by reflection; use the overload with JsonTypeInfo under Native AOT.")]
    public IAsyncEnumerable<T?> ReadJsonArrayAsync<T>(CancellationToken cancellationToken = default) => ReadItemsAsync(JsonDefaults.TypeInfo<T>(), cancellationToken);

    /// <summary>
    /// The body's server-sent events, whatever its status and <c>Content-Type</c> say; <see cref="HTTPClient.EventsAsync"/> looks at both and can
    /// go on where a stream breaks.
    /// </summary>
    /// <param name="until">The event that the stream promises to end with; null where there is none.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="HTTPException">A line or an event is too long (<c>http.too_large</c>).</exception>
    /// <exception cref="StreamTruncatedException">The stream was over before the event that <paramref name="until"/> tells.</exception>
    public async IAsyncEnumerable<ServerSentEvent> ReadEventsAsync(TerminalEvent? until = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var events = new EventReader(this);
        do
        {
            while (events.TryRead(out var item))
            {
                yield return item;
                if (until?.Matches(item) == true)
                    yield break;
            }
        }
        while (await FillAsync(events, until, cancellationToken).ConfigureAwait(false));
        if (until is not null)
            throw StreamFailure.CutOff(this, $"events, before {until}", events.Events, null, events.LastEventId);
    }

    /// <summary>As <see cref="EnsureSuccess"/>, and reads the beginning of a streamed body for the exception.</summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="HTTPException">The status is not a success (<c>http.status</c>), with the body's beginning and problem details.</exception>
    public async Task<Response> EnsureSuccessAsync(CancellationToken cancellationToken = default) =>
        IsSuccess ? this : throw StatusFailure.Of(this, await ReadBeginningAsync(cancellationToken).ConfigureAwait(false));

    internal ResponseLimits Limits => _exchange.Limits;

    /// <summary>Time since the call began.</summary>
    internal TimeSpan Age => _exchange.Clock.GetElapsedTime(_exchange.StartedAt);

    /// <summary>What an error shows of a body: its beginning, or as much of it as comes within a short time.</summary>
    internal async Task<byte[]> ReadBeginningAsync(CancellationToken cancellationToken)
    {
        if (IsBuffered || _stream is null)
            return Content[..Math.Min(_length, BeginningBytes)].ToArray();
        using var limit = new CancellationTokenSource(BeginningTime, _exchange.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var buffer = new byte[BeginningBytes];
        var count = 0;
        try
        {
            while (count < buffer.Length && await _stream.ReadAsync(buffer.AsMemory(count), both.Token).ConfigureAwait(false) is > 0 and var read)
                count += read;
        }
        catch (Exception error) when (error is NetworkException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The status is the error to tell; its body would only have explained it.
        }
        return buffer[..count];
    }

    private async IAsyncEnumerable<T?> ReadDocumentsAsync<T>(JsonTypeInfo<T> typeInfo, Func<T, bool>? until, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const string Place = "documents, before the one that ends it";
        using var lines = new PieceReader(OpenStream(), new LineSplitter(Limits.LineBytes, Endpoint));
        var count = 0L;
        do
        {
            while (lines.TryRead(out var line))
            {
                if (line.Trim(" \t"u8).IsEmpty)
                    continue;
                // A last line without its end is a whole document, or the stump of one.
                var item = Parse(line, typeInfo, "document", count, until is not null && lines.IsAtEnd ? Place : null);
                count++;
                yield return item;
                if (until is not null && item is not null && until(item))
                    yield break;
            }
        }
        while (await FillAsync(lines, until is null ? null : Place, count, cancellationToken).ConfigureAwait(false));
        if (until is not null)
            throw StreamFailure.CutOff(this, Place, count, null);
    }

    private async IAsyncEnumerable<T?> ReadItemsAsync<T>(JsonTypeInfo<T> typeInfo, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        const string Place = "items, before its array was closed";
        var array = new JsonArraySplitter(Limits.LineBytes, Endpoint);
        using var items = new PieceReader(OpenStream(), array);
        var count = 0L;
        do
        {
            while (items.TryRead(out var bytes))
            {
                var item = Parse(bytes, typeInfo, "item", count, null);
                count++;
                yield return item;
            }
        }
        while (await FillAsync(items, Place, count, cancellationToken).ConfigureAwait(false));
        if (!array.IsClosed)
            throw StreamFailure.CutOff(this, Place, count, null);
    }

    private async ValueTask<bool> FillAsync(EventReader events, TerminalEvent? until, CancellationToken cancellationToken)
    {
        try
        {
            return await events.FillAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (NetworkException error) when (until is not null && StreamFailure.IsBreak(error))
        {
            throw StreamFailure.CutOff(this, $"events, before {until}", events.Events, error, events.LastEventId);
        }
    }

    /// <summary>Waits for more of a stream; where it promised an end, a break before it is <see cref="StreamTruncatedException"/>.</summary>
    private async ValueTask<bool> FillAsync(PieceReader pieces, string? place, long count, CancellationToken cancellationToken)
    {
        try
        {
            return await pieces.FillAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (NetworkException error) when (place is not null && StreamFailure.IsBreak(error))
        {
            throw StreamFailure.CutOff(this, place, count, error);
        }
    }

    private T? Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> typeInfo, string kind, long before, string? cutOff)
    {
        try
        {
            return JsonSerializer.Deserialize(json, typeInfo);
        }
        catch (JsonException) when (cutOff is not null)
        {
            throw StreamFailure.CutOff(this, cutOff, before, null);
        }
        catch (JsonException error)
        {
            throw StreamFailure.NotJson($"The {kind} {before + 1} from {Endpoint}", this, error);
        }
    }
}

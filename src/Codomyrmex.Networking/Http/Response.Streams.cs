using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;
using Codomyrmex.Networking.Http.Internal;

namespace Codomyrmex.Networking.Http;

/// <summary>The body as a sequence. One reader, once; whoever stops early disposes the response, which closes its connection.</summary>
public sealed partial class Response
{
    private const int BeginningBytes = 16 * 1024;
    private static readonly TimeSpan BeginningTime = TimeSpan.FromSeconds(5);

    /// <summary>The body piece by piece, as it arrives. Each piece is valid until the next one is asked for.</summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> ReadBytesAsync(CancellationToken cancellationToken = default) => BodySequence.BytesAsync(this, cancellationToken);

    /// <summary>
    /// The body line by line, as text in its charset (UTF-8 where none is named; a byte order mark beats both). LF, CR LF and CR end a line; one of more than
    /// <see cref="ResponseLimits.LineBytes"/> (in UTF-8) is an error.
    /// </summary>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public IAsyncEnumerable<string> ReadLinesAsync(CancellationToken cancellationToken = default) => BodySequence.LinesAsync(this, cancellationToken);

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
        return BodySequence.DocumentsAsync(this, typeInfo, until, cancellationToken);
    }

    /// <summary>The body's JSON documents, one a line (NDJSON, JSON Lines), by reflection with web naming. Empty lines are passed over.</summary>
    /// <inheritdoc cref="ReadNdjsonAsync{T}(JsonTypeInfo{T}, Func{T, bool}?, CancellationToken)"/>
    [RequiresUnreferencedCode("JSON by reflection; use the overload with JsonTypeInfo in trimmed programs.")]
    [RequiresDynamicCode("JSON by reflection; use the overload with JsonTypeInfo under Native AOT.")]
    public IAsyncEnumerable<T?> ReadNdjsonAsync<T>(Func<T, bool>? until = null, CancellationToken cancellationToken = default) =>
        BodySequence.DocumentsAsync(this, JsonDefaults.TypeInfo<T>(), until, cancellationToken);

    /// <summary>The items of the JSON array that the body is, as they arrive, by source-generated metadata.</summary>
    /// <typeparam name="T">The items' type.</typeparam>
    /// <param name="typeInfo">Its metadata.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="HTTPException">An item is not such JSON (<c>http.decode</c>, with its number), or too long (<c>http.too_large</c>).</exception>
    /// <exception cref="StreamTruncatedException">The body was over before the array was closed.</exception>
    public IAsyncEnumerable<T?> ReadJsonArrayAsync<T>(JsonTypeInfo<T> typeInfo, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        return BodySequence.ItemsAsync(this, typeInfo, cancellationToken);
    }

    /// <summary>The items of the JSON array that the body is, as they arrive, by reflection with web naming.</summary>
    /// <inheritdoc cref="ReadJsonArrayAsync{T}(JsonTypeInfo{T}, CancellationToken)"/>
    [RequiresUnreferencedCode("JSON by reflection; use the overload with JsonTypeInfo in trimmed programs.")]
    [RequiresDynamicCode("JSON by reflection; use the overload with JsonTypeInfo under Native AOT.")]
    public IAsyncEnumerable<T?> ReadJsonArrayAsync<T>(CancellationToken cancellationToken = default) =>
        BodySequence.ItemsAsync(this, JsonDefaults.TypeInfo<T>(), cancellationToken);

    /// <summary>
    /// The body's server-sent events, whatever its status and <c>Content-Type</c> say; <see cref="HTTPClient.EventsAsync"/> looks at both and can
    /// go on where a stream breaks.
    /// </summary>
    /// <param name="until">The event that the stream promises to end with; null where there is none.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="HTTPException">A line or an event is too long (<c>http.too_large</c>).</exception>
    /// <exception cref="StreamTruncatedException">The stream was over before the event that <paramref name="until"/> tells.</exception>
    public IAsyncEnumerable<ServerSentEvent> ReadEventsAsync(TerminalEvent? until = null, CancellationToken cancellationToken = default) =>
        new EventSequence(this, until, cancellationToken);

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
        if (_body is not ResponseStream stream)
            return Content[..Math.Min(_length, BeginningBytes)].ToArray();
        using var limit = new CancellationTokenSource(BeginningTime, _exchange.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var buffer = new byte[BeginningBytes];
        var count = 0;
        try
        {
            while (count < buffer.Length && await stream.ReadAsync(buffer.AsMemory(count), both.Token).ConfigureAwait(false) is > 0 and var read)
                count += read;
        }
        catch (Exception error) when (error is NetworkException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // The status is the error to tell; its body would only have explained it.
        }
        return buffer[..count];
    }
}

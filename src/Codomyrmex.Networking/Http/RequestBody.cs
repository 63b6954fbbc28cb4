using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization.Metadata;
using System.Text.Json;
using System.Text;
using Codomyrmex.Networking.Http.Internal;

namespace Codomyrmex.Networking.Http;

/// <summary>
/// A body to send. Most are replayable: they can be written again for a retry or a redirect that keeps the method (307, 308).
/// Derive from it to bring your own. Thread-safe as far as <see cref="WriteAsync"/> is.
/// </summary>
public abstract class RequestBody
{
    /// <summary>The <c>Content-Type</c>, or null for none.</summary>
    public virtual string? ContentType => null;

    /// <summary>The <c>Content-Encoding</c> that the body is written in, or null for none.</summary>
    public virtual string? ContentEncoding => null;

    /// <summary>Whether sending it has begun: one that can be read once is then gone.</summary>
    internal bool HasBegun { get; set; }

    /// <summary>The length in bytes, or null where it is not known: the body is then sent in chunks.</summary>
    public virtual long? Length => null;

    /// <summary>Whether the body can be written more than once. The default value is true.</summary>
    public virtual bool IsReplayable => true;

    /// <summary>Writes the body. May be called again where <see cref="IsReplayable"/>.</summary>
    /// <param name="destination">Where to; not to be closed.</param>
    /// <param name="cancellationToken">Cancels the sending.</param>
    public abstract ValueTask WriteAsync(Stream destination, CancellationToken cancellationToken);

    /// <summary>Bytes.</summary>
    /// <param name="bytes">The bytes; must not change until the response is there.</param>
    /// <param name="contentType">The <c>Content-Type</c>.</param>
    public static RequestBody Bytes(ReadOnlyMemory<byte> bytes, string? contentType = "application/octet-stream") => new BytesBody(bytes, contentType);

    /// <summary>Text in UTF-8.</summary>
    /// <param name="text">The text.</param>
    /// <param name="contentType">The <c>Content-Type</c>.</param>
    public static RequestBody Text(string text, string contentType = "text/plain; charset=utf-8")
    {
        ArgumentNullException.ThrowIfNull(text);
        return new BytesBody(Encoding.UTF8.GetBytes(text), contentType);
    }

    /// <summary>JSON by source-generated metadata: fit for trimming and Native AOT.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="typeInfo">Its metadata.</param>
    public static RequestBody Json<T>(T value, JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        return new BytesBody(JsonSerializer.SerializeToUtf8Bytes(value, typeInfo), "application/json");
    }

    /// <summary>JSON by reflection, with web naming (<c>camelCase</c>).</summary>
    /// <param name="value">The value: an object, a list, a number, null.</param>
    /// <exception cref="ArgumentException">It is a text, a body, a stream or what belongs to another parameter: JSON would make something else of it. The message says what to call.</exception>
    [RequiresUnreferencedCode("JSON by reflection; use the overload with JsonTypeInfo in trimmed programs.")]
    [RequiresDynamicCode("JSON by reflection; use the overload with JsonTypeInfo under Native AOT.")]
    public static RequestBody Json(object? value)
    {
        var instead = value switch
        {
            string => "a text that is JSON already is RequestBody.Text(text, \"application/json\"); one that is to become a JSON string takes the overload with JsonTypeInfo",
            System.IO.Stream => "a stream is RequestBody.Stream(…)",
            HttpContent => "the bytes of a content are RequestBody.Bytes(await content.ReadAsByteArrayAsync(), contentType)",
            RequestBody => "it is a body already",
            RequestOptions => "options go to the parameter 'options'",
            CancellationToken => "a token goes to the parameter 'cancellationToken'",
            _ => null,
        };
        return instead is null
            ? new BytesBody(JsonSerializer.SerializeToUtf8Bytes(value, value?.GetType() ?? typeof(object), JsonDefaults.Web), "application/json")
            : throw new ArgumentException($"A {value!.GetType().Name} is not sent as JSON: {instead}.", nameof(value));
    }

    /// <summary>A form, <c>application/x-www-form-urlencoded</c> (WHATWG URL standard, section 5).</summary>
    /// <param name="fields">Names and values, in order.</param>
    public static RequestBody Form(IEnumerable<KeyValuePair<string, string>> fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        var text = string.Join('&', fields.Select(f => $"{FormEscape(f.Key)}={FormEscape(f.Value)}"));
        return new BytesBody(Encoding.ASCII.GetBytes(text), "application/x-www-form-urlencoded");
    }

    /// <summary>Parts, <c>multipart/form-data</c> (RFC 7578). Streamed; the length is known where every part's is.</summary>
    /// <param name="parts">The parts, in order.</param>
    public static RequestBody Multipart(params IReadOnlyList<MultipartPart> parts) => new MultipartBody(parts);

    /// <summary>A file, streamed. Its length is taken when the request is sent.</summary>
    /// <param name="path">The file's path.</param>
    /// <param name="contentType">The <c>Content-Type</c>.</param>
    public static RequestBody File(string path, string contentType = "application/octet-stream")
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new StreamBody(
            _ => new ValueTask<Stream>(new FileStream(path, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan, BufferSize = 0 })),
            new FileInfo(path).Length, contentType, isReplayable: true);
    }

    /// <summary>A stream made anew for each attempt, and disposed after it: replayable.</summary>
    /// <param name="open">Makes the stream.</param>
    /// <param name="length">Its length in bytes, where known.</param>
    /// <param name="contentType">The <c>Content-Type</c>.</param>
    public static RequestBody Stream(Func<CancellationToken, ValueTask<Stream>> open, long? length = null, string? contentType = "application/octet-stream")
    {
        ArgumentNullException.ThrowIfNull(open);
        return new StreamBody(open, length, contentType, isReplayable: true);
    }

    /// <summary>A stream that can be read once: the request is then sent once, without retry or redirect of the body.</summary>
    /// <param name="stream">The stream; disposed after sending.</param>
    /// <param name="length">Its length in bytes, where known.</param>
    /// <param name="contentType">The <c>Content-Type</c>.</param>
    public static RequestBody OneShot(Stream stream, long? length = null, string? contentType = "application/octet-stream")
    {
        ArgumentNullException.ThrowIfNull(stream);
        return new StreamBody(_ => new ValueTask<Stream>(stream), length, contentType, isReplayable: false);
    }

    /// <summary>
    /// A body in a content coding. Bytes, text, JSON and forms are compressed at once and keep a known length; others are compressed while
    /// they are sent, in chunks. Replayable where the body within is.
    /// </summary>
    /// <param name="body">The body.</param>
    /// <param name="coding">
    /// The coding. Nothing tells beforehand whether a server takes it: one that does not answers 415, and may name what it takes in
    /// <c>Accept-Encoding</c> (RFC 9110, section 12.5.3). The answer is returned like any other; nothing is sent again uncoded.
    /// </param>
    public static RequestBody Compressed(RequestBody body, ContentCoding coding = ContentCoding.Gzip)
    {
        ArgumentNullException.ThrowIfNull(body);
        if (!Enum.IsDefined(coding))
            throw new ArgumentOutOfRangeException(nameof(coding), coding, "No such coding.");
        return CompressedBody.Of(body, coding);
    }

    internal static string FormEscape(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);
}

using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Codomyrmex.Networking.Testing.Internal;

namespace Codomyrmex.Networking.Testing;

/// <summary>An answer from memory, or a failure in its place. Immutable.</summary>
public sealed record MockReply
{
    /// <summary>The status. The default value is 200.</summary>
    public int Status { get; init; } = 200;

    /// <summary>The fields. The default value is none.</summary>
    public HeaderMap? Headers { get; init; }

    /// <summary>The body. The default value is empty.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>How long the answer takes to begin. The default value is zero.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>
    /// How many bytes of the body arrive before the connection breaks (<c>tcp.reset</c>). The default value is null: all, and it does not.
    /// </summary>
    public int? ResetAfter { get; init; }

    /// <summary>A failure instead of an answer, such as <c>new() { Code = ErrorCodes.TcpRefused, Message = "…" }</c>. The default value is null.</summary>
    public NetworkFailure? Failure { get; init; }

    /// <summary>An answer of text in UTF-8.</summary>
    /// <param name="status">The status.</param>
    /// <param name="body">The body.</param>
    /// <param name="contentType">The media type.</param>
    public static MockReply Text(int status, string body, string contentType = "text/plain; charset=utf-8") => new()
    {
        Status = status,
        Headers = new HeaderMap { ["Content-Type"] = contentType },
        Body = Encoding.UTF8.GetBytes(body),
    };

    /// <summary>An answer of JSON, by source-generated metadata.</summary>
    /// <typeparam name="T">The value's type.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="typeInfo">Its metadata.</param>
    /// <param name="status">The status.</param>
    public static MockReply Json<T>(T value, JsonTypeInfo<T> typeInfo, int status = 200) => new()
    {
        Status = status,
        Headers = new HeaderMap { ["Content-Type"] = "application/json" },
        Body = JsonSerializer.SerializeToUtf8Bytes(value, typeInfo),
    };

    /// <summary>A failure of this code before an answer.</summary>
    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    public static MockReply Fail(string code) => new() { Failure = new NetworkFailure { Code = code, Message = "The mock fails as it was told to." } };

    internal HttpResponseMessage Message(HttpRequestMessage request)
    {
        if (Failure is { } failure)
            throw failure.ToException();
        var message = new HttpResponseMessage((HttpStatusCode)Status)
        {
            RequestMessage = request,
            Content = ResetAfter is { } count
                ? new StreamContent(new BreakingStream(Body, count))
                : new ReadOnlyMemoryContent(request.Method == HttpMethod.Head ? default : Body),
        };
        foreach (var (name, value) in Headers ?? [])
        {
            if (!message.Headers.TryAddWithoutValidation(name, value))
                message.Content.Headers.TryAddWithoutValidation(name, value);
        }
        return message;
    }
}

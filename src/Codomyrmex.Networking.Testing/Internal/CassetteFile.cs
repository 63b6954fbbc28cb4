using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The form of a cassette on disk.</summary>
internal sealed class CassetteFile
{
    public const int Current = 1;

    public int Version { get; init; } = Current;

    public List<CassetteExchange>? Exchanges { get; init; }
}

/// <summary>A request and what came of it: an answer or a failure.</summary>
internal sealed class CassetteExchange
{
    public required CassetteRequest Request { get; init; }

    public CassetteAnswer? Answer { get; init; }

    public CassetteFailure? Failure { get; init; }

    [JsonIgnore]
    public bool IsSound => Request is { Method: not null, Url: not null, Headers: not null } &&
        (Answer is { Headers: not null, Status: >= 100 and <= 999 } || Failure is { Code: not null, Message: not null });
}

/// <summary>A failure in an answer's place.</summary>
internal sealed record CassetteFailure(string Code, string Message);

/// <summary>A part of a body: as text where it is text, as base64 otherwise.</summary>
internal sealed record CassettePart(string? Text, string? Base64 = null)
{
    /// <summary>How long after the part before it it came; only where timing is kept.</summary>
    public double? AfterMs { get; init; }
}

[JsonSerializable(typeof(CassetteFile))]
internal sealed partial class CassetteJson : JsonSerializerContext
{
    /// <summary>As readable as can be: a page of JSON or HTML stays what it is, since the file is never put into a page itself.</summary>
    public static CassetteJson Readable { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

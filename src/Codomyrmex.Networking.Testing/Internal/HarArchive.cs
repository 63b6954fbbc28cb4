using System.Text;
using System.Text.Json;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Reads an HTTP Archive (HAR 1.2) as exchanges to be played back: of a browser, a proxy, or <c>HarRecorder</c>.</summary>
internal static class HarArchive
{
    // What frames and codes a message: in an archive bodies are whole and decoded.
    private static readonly HashSet<string> Framing = new(StringComparer.OrdinalIgnoreCase)
    {
        "Content-Length", "Transfer-Encoding", "Content-Encoding", "Connection", "Keep-Alive", "Trailer", "Upgrade", "Proxy-Connection",
    };

    /// <exception cref="FormatException">It is no archive.</exception>
    public static List<CassetteExchange> Read(ReadOnlyMemory<byte> archive, CassetteOptions options)
    {
        try
        {
            using var document = JsonDocument.Parse(archive.Span.StartsWith("\uFEFF"u8) ? archive[3..] : archive);
            var masking = new CassetteMasking(options);
            return [.. document.RootElement.GetProperty("log").GetProperty("entries").EnumerateArray().Select(entry => Exchange(entry, masking))];
        }
        catch (KeyNotFoundException error)
        {
            throw new FormatException("it is no HTTP Archive: a member is missing that each has (log, entries, request, response, url, method, status, headers)", error);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException($"it is no HTTP Archive: {error.Message}", error);
        }
    }

    private static CassetteExchange Exchange(JsonElement entry, CassetteMasking masking)
    {
        var request = Request(entry.GetProperty("request"), masking);
        var response = entry.GetProperty("response");
        var status = response.GetProperty("status").GetInt32();
        if (status is >= 100 and <= 999)
            return new CassetteExchange { Request = request, Answer = Answer(response, status) };
        var code = Text(entry, "_error");
        return new CassetteExchange { Request = request, Failure = new CassetteFailure(ErrorCodes.Find(code ?? "")?.Code ?? ErrorCodes.TcpReset, $"The archive has no answer to {request.Method} {request.Url}{(code is null ? "" : ": " + code)}.") };
    }

    // Masked like the requests that it is compared with.
    private static CassetteRequest Request(JsonElement request, CassetteMasking masking)
    {
        if (!Uri.TryCreate(request.GetProperty("url").GetString(), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            throw new FormatException("an entry has no http or https URL");
        var body = request.TryGetProperty("postData", out var data) ? Bytes(data, "_encoding") ?? Form(data) : null;
        return new CassetteRequest
        {
            Method = request.GetProperty("method").GetString()!,
            Url = masking.Url(url.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.Fragment, UriFormat.UriEscaped)),
            Headers = [],
            Body = body is { Length: > 0 } ? masking.Body(body, Text(data, "mimeType")) : null,
            // The size of a body that is not in the archive; -1 where not even that is known.
            TakesAnyBody = body is null && request.TryGetProperty("bodySize", out var size) && size.ValueKind == JsonValueKind.Number && size.GetInt64() != 0,
        };
    }

    private static CassetteAnswer Answer(JsonElement response, int status)
    {
        var headers = new List<string>();
        foreach (var field in response.GetProperty("headers").EnumerateArray())
        {
            var name = field.GetProperty("name").GetString()!;
            // ":status" is how HTTP/2 says it. Browsers join fields of one name by line ends.
            if (name is not [':', ..] and not [] && !Framing.Contains(name))
                headers.AddRange(field.GetProperty("value").GetString()!.Split('\n').Select(value => $"{name}: {value.Trim()}"));
        }
        var body = response.TryGetProperty("content", out var content) ? Bytes(content, "encoding") : null;
        return new CassetteAnswer
        {
            Status = status,
            Reason = Text(response, "statusText"),
            Headers = headers,
            Body = body is { Length: > 0 } ? [CassetteMasking.Text(body) is { } text ? new CassettePart(text) : CassetteMasking.Bytes(body)] : [],
        };
    }

    private static byte[]? Bytes(JsonElement content, string encoding) => Text(content, "text") is not { } text ? null
        : Text(content, encoding) == "base64" ? Convert.FromBase64String(text)
        : Encoding.UTF8.GetBytes(text);

    private static byte[]? Form(JsonElement data)
    {
        if (!data.TryGetProperty("params", out var parameters) || parameters.GetArrayLength() == 0)
            return null;
        var fields = parameters.EnumerateArray().Select(field => $"{Escaped(field, "name")}={Escaped(field, "value")}");
        return Encoding.UTF8.GetBytes(string.Join('&', fields));
    }

    private static string Escaped(JsonElement field, string name) => Uri.EscapeDataString(Text(field, name) ?? "").Replace("%20", "+", StringComparison.Ordinal);

    private static string? Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

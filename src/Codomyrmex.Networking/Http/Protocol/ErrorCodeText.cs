using System.Text;
using System.Text.Json;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>Finds a service's own code for an error, such as <c>SlowDown</c>, in the beginning of its answer: JSON or XML as cloud services write them. Pure.</summary>
internal static class ErrorCodeText
{
    // Where a code is, it comes early, and it is a word.
    private const int MostBytes = 16 * 1024;
    private const int LongestCode = 128;

    private static readonly string[] Members = ["__type", "code", "Code", "errorCode", "errorcode"];

    /// <summary>The code in a body; null where there is none that can be read.</summary>
    public static string? InBody(ReadOnlySpan<byte> body)
    {
        body = body[..Math.Min(body.Length, MostBytes)].TrimStart((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF, (byte)' ', (byte)'\r', (byte)'\n', (byte)'\t']);
        if (body.IsEmpty)
            return null;
        return body[0] switch
        {
            (byte)'{' => InJson(body),
            (byte)'<' => InXml(body),
            _ => null,
        };
    }

    /// <summary>A code as it stands in a field or member: without a namespace before <c>#</c>, without what follows <c>:</c>.</summary>
    public static string? Plain(string? code)
    {
        if (code is null)
            return null;
        var text = code.AsSpan().Trim();
        text = text[(text.LastIndexOf('#') + 1)..];
        if (text.IndexOf(':') is >= 0 and var colon)
            text = text[..colon];
        return text.Length is > 0 and <= LongestCode && !text.ContainsAnyExceptInRange('!', '~') ? text.ToString() : null;
    }

    // {"__type":"ns#ThrottlingException"} · {"error":{"code":"TooManyRequests"}} · {"code":"…"}
    private static string? InJson(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, isFinalBlock: false, default);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth > 2)
                    continue;
                var isCode = false;
                foreach (var name in Members)
                    isCode |= reader.ValueTextEquals(name);
                var isEnvelope = reader.ValueTextEquals("error") || reader.ValueTextEquals("Error");
                if (!reader.Read())
                    return null;
                if (isCode && reader.TokenType == JsonTokenType.String)
                    return Plain(reader.GetString());
                if (!isEnvelope && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && !reader.TrySkip())
                    return null;
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // No JSON, or a text that is none: then there is no code.
        }
        return null;
    }

    // <Error><Code>SlowDown</Code>… · <Response><Errors><Error><Code>RequestLimitExceeded</Code>…
    private static string? InXml(ReadOnlySpan<byte> body)
    {
        var start = body.IndexOf("<Code>"u8);
        if (start < 0)
            return null;
        body = body[(start + "<Code>"u8.Length)..];
        var end = body.IndexOf((byte)'<');
        return end is > 0 and <= LongestCode ? Plain(Encoding.UTF8.GetString(body[..end])) : null;
    }
}

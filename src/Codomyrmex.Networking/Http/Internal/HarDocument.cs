using System.Text.Encodings.Web;
using System.Text.Json;
using Codomyrmex.Networking.Diagnostics.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Writes entries as an HTTP Archive (HAR 1.2; its required members all, unknown numbers as -1).</summary>
internal static class HarDocument
{
    public static byte[] Write(IEnumerable<HarEntry> entries)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("log");
            writer.WriteString("version", "1.2");
            writer.WriteStartObject("creator");
            writer.WriteString("name", "Codomyrmex.Networking");
            writer.WriteString("version", Instruments.Version);
            writer.WriteEndObject();
            writer.WriteStartArray("entries");
            foreach (var entry in entries)
                Entry(writer, entry);
            writer.WriteEndArray();
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static void Entry(Utf8JsonWriter writer, HarEntry entry)
    {
        var connection = (entry.Resolve ?? default) + (entry.Connect ?? default) + (entry.Tls ?? default);
        var wait = entry.FirstByte > connection ? entry.FirstByte - connection : default;
        writer.WriteStartObject();
        writer.WriteString("startedDateTime", entry.StartedAt.ToString("yyyy-MM-dd'T'HH:mm:ss.fffK", System.Globalization.CultureInfo.InvariantCulture));
        writer.WriteNumber("time", Milliseconds(connection + wait + (entry.Receive ?? default)));
        Request(writer, entry);
        Response(writer, entry);
        writer.WriteStartObject("cache");
        writer.WriteEndObject();
        writer.WriteStartObject("timings");
        writer.WriteNumber("blocked", -1);
        writer.WriteNumber("dns", Milliseconds(entry.Resolve));
        // There, the handshake is part of connecting.
        writer.WriteNumber("connect", entry.Connect is null && entry.Tls is null ? -1 : Milliseconds((entry.Connect ?? default) + (entry.Tls ?? default)));
        writer.WriteNumber("ssl", Milliseconds(entry.Tls));
        writer.WriteNumber("send", 0);
        writer.WriteNumber("wait", Milliseconds(wait));
        writer.WriteNumber("receive", Milliseconds(entry.Receive ?? default(TimeSpan)));
        writer.WriteEndObject();
        if (entry.Address is not null)
            writer.WriteString("serverIPAddress", entry.Address);
        if (entry.Failure is not null)
            writer.WriteString("_error", entry.Failure);
        writer.WriteEndObject();
    }

    private static void Request(Utf8JsonWriter writer, HarEntry entry)
    {
        writer.WriteStartObject("request");
        writer.WriteString("method", entry.Method);
        writer.WriteString("url", entry.Url);
        writer.WriteString("httpVersion", $"HTTP/{entry.Version ?? entry.RequestVersion}");
        Pairs(writer, "cookies", []);
        Pairs(writer, "headers", entry.RequestHeaders);
        Pairs(writer, "queryString", Query(entry.Url));
        writer.WriteNumber("headersSize", -1);
        writer.WriteNumber("bodySize", entry.RequestBodyBytes);
        if (entry.RequestBody is { } body)
            PostData(writer, body);
        writer.WriteEndObject();
    }

    private static void PostData(Utf8JsonWriter writer, HarBody body)
    {
        writer.WriteStartObject("postData");
        writer.WriteString("mimeType", body.ContentType ?? "");
        Pairs(writer, "params", []);
        // The format has bytes in answers only.
        Content(writer, body, "_encoding");
        writer.WriteEndObject();
    }

    private static void Content(Utf8JsonWriter writer, HarBody body, string encoding)
    {
        if (body.Text is null)
        {
            writer.WriteString("comment", "This body is longer than the limit, was not read to its end, or can be sent only once.");
            return;
        }
        writer.WriteString("text", body.Text);
        if (body.IsBase64)
            writer.WriteString(encoding, "base64");
    }

    private static void Response(Utf8JsonWriter writer, HarEntry entry)
    {
        writer.WriteStartObject("response");
        writer.WriteNumber("status", entry.Status);
        writer.WriteString("statusText", entry.Reason);
        writer.WriteString("httpVersion", entry.Version is null ? "" : $"HTTP/{entry.Version}");
        Pairs(writer, "cookies", []);
        Pairs(writer, "headers", entry.Headers);
        writer.WriteStartObject("content");
        writer.WriteNumber("size", entry.Body is { Size: >= 0 and var size } ? size : entry.BodyBytes);
        writer.WriteString("mimeType", Field(entry, "Content-Type") ?? "");
        if (entry.Body is { } body)
            Content(writer, body, "encoding");
        writer.WriteEndObject();
        writer.WriteString("redirectURL", Field(entry, "Location") ?? "");
        writer.WriteNumber("headersSize", -1);
        writer.WriteNumber("bodySize", entry.BodyBytes);
        writer.WriteEndObject();
    }

    private static void Pairs(Utf8JsonWriter writer, string name, IEnumerable<KeyValuePair<string, string>> pairs)
    {
        writer.WriteStartArray(name);
        foreach (var (key, value) in pairs)
        {
            writer.WriteStartObject();
            writer.WriteString("name", key);
            writer.WriteString("value", value);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static IEnumerable<KeyValuePair<string, string>> Query(string url)
    {
        var start = url.IndexOf('?', StringComparison.Ordinal) + 1;
        var end = url.IndexOf('#', StringComparison.Ordinal);
        if (start == 0)
            yield break;
        foreach (var parameter in url[start..(end > start ? end : url.Length)].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            yield return new(Unescaped(equals < 0 ? parameter : parameter[..equals]), equals < 0 ? "" : Unescaped(parameter[(equals + 1)..]));
        }
    }

    private static string Unescaped(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    private static string? Field(HarEntry entry, string name)
    {
        foreach (var (key, value) in entry.Headers)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                return value;
        }
        return null;
    }

    private static double Milliseconds(TimeSpan? time) => time is { } known ? Math.Round(known.TotalMilliseconds, 3) : -1;
}

using System.Text.Json;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Writes a response as the command line's contract lays it down.</summary>
internal static class HttpDocument
{
    /// <summary>Writes the members of the document.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="response">The response, buffered unless it was saved.</param>
    /// <param name="saved">The file that the body went to and its size, or null.</param>
    /// <param name="failure">What <c>--fail</c> makes of the status, or null.</param>
    public static void Write(Utf8JsonWriter writer, Response response, (string Path, long Bytes)? saved, NetworkException? failure)
    {
        writer.WriteNumber("status", response.Status);
        writer.WriteString("reason", response.Reason);
        writer.WriteString("version", VersionText(response.Version));
        writer.WriteString("url", response.Url.AbsoluteUri);
        WriteHeaders(writer, response.Headers);
        if (saved is { } file)
        {
            writer.WriteNull("body");
            writer.WriteString("bodyKind", "file");
            writer.WriteNumber("bytes", file.Bytes);
            writer.WriteString("path", file.Path);
        }
        else
        {
            writer.WriteBody(response);
            writer.WriteNumber("bytes", response.Content.Length);
        }
        WriteTimings(writer, response.Timings);
        writer.WriteString("remote", response.RemoteAddress?.ToString());
        writer.WriteBoolean("reused", response.IsReused);
        writer.WriteAttempts("attempts", response.Attempts);
        WriteRedirects(writer, response.History);
        if (failure is not null)
            writer.WriteError(failure);
    }

    public static string VersionText(Version version) => version.Major >= 2 ? version.ToString(1) : version.ToString(2);

    private static void WriteHeaders(Utf8JsonWriter writer, HeaderMap headers)
    {
        writer.WriteStartObject("headers");
        var written = new List<string>(headers.Count);
        foreach (var (name, _) in headers)
        {
            var lower = name.ToLowerInvariant();
            if (written.Contains(lower))
                continue;
            written.Add(lower);
            writer.WriteStartArray(lower);
            foreach (var value in headers.GetAll(name))
                writer.WriteStringValue(value);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }

    private static void WriteTimings(Utf8JsonWriter writer, RequestTimings timings)
    {
        writer.WriteStartObject("timings");
        writer.WriteMs("dnsMs", timings.Resolve);
        writer.WriteMs("connectMs", timings.Connect);
        writer.WriteMs("proxyMs", timings.Proxy);
        writer.WriteMs("tlsMs", timings.Tls);
        writer.WriteMs("firstByteMs", timings.FirstByte);
        writer.WriteMs("totalMs", timings.Total);
        writer.WriteEndObject();
    }

    private static void WriteRedirects(Utf8JsonWriter writer, IReadOnlyList<RedirectHop> hops)
    {
        writer.WriteStartArray("redirects");
        foreach (var hop in hops)
        {
            writer.WriteStartObject();
            writer.WriteNumber("status", hop.Status);
            writer.WriteString("url", hop.Url.AbsoluteUri);
            writer.WriteString("location", hop.Location.AbsoluteUri);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}

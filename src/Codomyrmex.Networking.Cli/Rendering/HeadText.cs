using System.Globalization;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Shows the heads of requests and responses.</summary>
internal static class HeadText
{
    /// <summary>The request as it was asked for; secrets are masked.</summary>
    public static void WriteRequest(TextOutput output, Request request, HTTPClientOptions settings)
    {
        var url = Uri.TryCreate(request.Url, UriKind.Absolute, out var parsed) ? parsed : null;
        var target = url is null ? request.Url : UrlBuilder.Parse(url.PathAndQuery).Query(request.Options.Query).ToString();
        output.Write("> ", Style.Dim).Write(request.Method, Style.Bold).Line($" {target}");
        if (url is not null)
            Field(output, "> ", "host", url.Authority);
        Field(output, "> ", "user-agent", settings.UserAgent ?? "");
        if (request.Body?.ContentType is { } type)
            Field(output, "> ", "content-type", type);
        if (request.Body?.Length is { } length)
            Field(output, "> ", "content-length", length.ToString(CultureInfo.InvariantCulture));
        if (request.Options.Credential is { } credential)
            Field(output, "> ", credential.Header.ToLowerInvariant(), "***");
        // The map's own text masks what is secret.
        foreach (var line in request.Options.Headers?.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            Field(output, "> ", line[..colon].ToLowerInvariant(), line[(colon + 1)..].Trim());
        }
        output.Flush();
    }

    public static TextOutput WriteResponse(TextOutput output, Response response, string prefix)
    {
        foreach (var hop in response.History)
            output.Write(prefix, Style.Dim).Line($"{hop.Status} {hop.Url.AbsoluteUri} → {hop.Location.AbsoluteUri}", Style.Dim);
        output.Write(prefix, Style.Dim).Write($"HTTP/{HttpDocument.VersionText(response.Version)} ", Style.Dim);
        output.Line($"{response.Status} {response.Reason}".TrimEnd(), response.Status switch { < 300 => Style.Green, < 400 => Style.Cyan, < 500 => Style.Yellow, _ => Style.Red });
        foreach (var (name, value) in response.Headers)
            Field(output, prefix, name.ToLowerInvariant(), value);
        return output;
    }

    private static void Field(TextOutput output, string prefix, string name, string value) =>
        output.Write(prefix, Style.Dim).Write(name + ": ", Style.Dim).Line(value, Style.Dim);
}

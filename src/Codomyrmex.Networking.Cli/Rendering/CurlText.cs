using System.Globalization;
using System.Text;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>
/// Writes a run as a command line of curl: the request in the library's words, and beside it the options that curl has too. Secrets are
/// masked, asked for, or read from the same variable. An egress policy has no counterpart.
/// </summary>
internal static class CurlText
{
    public static string Of(Invocation run, Request request, List<RequestItem> items, HTTPClientOptions settings)
    {
        var arguments = run.Arguments;
        var text = new StringBuilder();
        if (arguments.Text(HttpOptions.Body) is { } path && request.Body is { } file)
            Add(Plain(text, request, items, file.ContentType), "--data-binary", "@" + path);
        else if (request.Body?.ContentType?.StartsWith("multipart/", StringComparison.Ordinal) == true)
            Parts(Plain(text, request, items, null), items);
        else
            text.Append(request.ToCurl());
        Credentials(text, arguments);
        if (settings.Redirects.Limit > 0)
            Add(text.Append(" --location"), "--max-redirs", settings.Redirects.Limit.ToString(CultureInfo.InvariantCulture));
        if (settings.Decompress)
            text.Append(" --compressed");
        Time(text, "--max-time", settings.Timeouts.Total);
        Time(text, "--connect-timeout", settings.Timeouts.Connect);
        if (arguments.Has(ConnectionOptions.Retry))
            Add(text, "--retry", settings.Retry.Retries.ToString(CultureInfo.InvariantCulture));
        Same(text, arguments);
        return text.ToString();
    }

    /// <summary>The request without its body, which is written otherwise.</summary>
    private static StringBuilder Plain(StringBuilder text, Request request, List<RequestItem> items, string? contentType)
    {
        text.Append((request with { Body = null }).ToCurl());
        var isGiven = items.Exists(item => item.Kind == RequestItemKind.Header && item.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase));
        return contentType is null || isGiven ? text : Add(text, "--header", "Content-Type: " + contentType);
    }

    private static void Parts(StringBuilder text, List<RequestItem> items)
    {
        foreach (var item in items)
        {
            if (item.Kind == RequestItemKind.File)
                Add(text, "--form", $"{item.Name}=@{item.Value}");
            else if (item.Kind == RequestItemKind.Field)
                Add(text, "--form-string", $"{item.Name}={item.Value}");
        }
    }

    private static void Credentials(StringBuilder text, ParsedArguments arguments)
    {
        // curl asks for the password that a lone user lacks.
        if (arguments.Text(HttpOptions.Auth) is { } user)
            Add(text, "--user", user);
        if (arguments.Text(HttpOptions.BearerEnv) is { } variable)
            text.Append(CultureInfo.InvariantCulture, $" --header \"Authorization: Bearer ${variable}\"");
    }

    /// <summary>Options that mean the same there.</summary>
    private static void Same(StringBuilder text, ParsedArguments arguments)
    {
        foreach (var (option, name) in new (Option, string)[]
        {
            (HttpOptions.Digest, "--digest"), (HttpOptions.Http11, "--http1.1"), (HttpOptions.Http2, "--http2-prior-knowledge"), (HttpOptions.Http3, "--http3-only"), (HttpOptions.Fail, "--fail-with-body"),
            (HttpOptions.MaxSize, "--max-filesize"), (HttpOptions.OutputFile, "--output"), (ConnectionOptions.NoProxy, "--noproxy"),
            (ConnectionOptions.Resolve, "--resolve"), (ConnectionOptions.Dns, "--dns-servers"), (ConnectionOptions.IPv4, "-4"), (ConnectionOptions.IPv6, "-6"),
            (ConnectionOptions.CaCert, "--cacert"), (ConnectionOptions.Cert, "--cert"), (ConnectionOptions.Key, "--key"),
            (ConnectionOptions.Pin, "--pinnedpubkey"), (ConnectionOptions.Insecure, "--insecure"),
        })
        {
            foreach (var value in arguments.All(option))
                _ = option.Value is null ? text.Append(' ').Append(name) : Add(text, name, value);
        }
        ProxySettings.DemandOne(arguments, "curl");
        if (arguments.Read(ConnectionOptions.Proxy, Transport.ProxyOptions.Parse) is { } proxy)
            Add(text, "--proxy", proxy.ToString());
    }

    private static void Time(StringBuilder text, string name, TimeSpan time)
    {
        if (time != Timeout.InfiniteTimeSpan)
            Add(text, name, time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture));
    }

    private static StringBuilder Add(StringBuilder text, string name, string value) => text.Append(' ').Append(name).Append(' ').Append(Quoted(value));

    /// <summary>A word of a POSIX shell.</summary>
    private static string Quoted(string text) => text.Length > 0 && text.All(static c => char.IsAsciiLetterOrDigit(c) || "-._/:=@%+,".Contains(c, StringComparison.Ordinal))
        ? text
        : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

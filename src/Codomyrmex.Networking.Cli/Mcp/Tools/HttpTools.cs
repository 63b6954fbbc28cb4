using System.Text.Json;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Cli.Mcp.Tools;

/// <summary><c>http_request</c> and <c>fetch_text</c>.</summary>
internal static class HttpTools
{
    private const int MostRedirects = 5;

    private static readonly Parameter Url = new("url", ParameterKind.Text, "an http or https URL") { IsRequired = true, Most = 8192 };
    private static readonly Parameter MaxBytes = new("max_bytes", ParameterKind.Number, "bytes of the body to take at most; the operator's limit applies in any case") { Least = 1, Most = 64 << 20 };

    public static Tool Request { get; } = new("http_request", "HTTP request",
        "Sends one HTTP request and returns status, header fields and body. Statuses from 400 on are results too, with code http.status. Nothing is retried: 'transient', 'wasSent' and 'retryAt' say whether you may.",
        ToolHints.Destructive | ToolHints.OpenWorld,
        [
            Url,
            new("method", ParameterKind.Text, "the method; GET where it is left out") { Choices = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"] },
            new("headers", ParameterKind.Map, "header fields to send") { Most = 50 },
            new("body", ParameterKind.Text, "the body, as text") { Most = 4 << 20 },
            new("content_type", ParameterKind.Text, "the body's media type; application/json where the body is JSON, otherwise text/plain") { Most = 200 },
            new("follow_redirects", ParameterKind.Flag, "follow redirects; without it they are results"),
            MaxBytes,
        ],
        """
        "status":{"type":"integer"},"reason":{"type":"string"},"url":{"type":"string"},"version":{"type":"string"},"headers":{"type":"object","additionalProperties":{"type":"array","items":{"type":"string"}}},"redirects":{"type":"array","items":{"type":"string"}},"remote":{"type":["string","null"]}
        """, RequestAsync);

    public static Tool FetchText { get; } = new("fetch_text", "Fetch a page as text",
        "Fetches a web page with GET and returns its text: HTML without scripts, styles and what readers do not see, anything else as it is. Asks the site's robots.txt first. Long texts come in pages: hand nextCursor to next_page.",
        ToolHints.ReadOnly | ToolHints.Idempotent | ToolHints.OpenWorld,
        [
            Url,
            new("links", ParameterKind.Flag, "put the addresses of links behind their texts"),
            new("raw", ParameterKind.Flag, "return HTML as it is"),
            MaxBytes,
        ],
        """
        "status":{"type":"integer"},"url":{"type":"string"},"contentType":{"type":["string","null"]},"title":{"type":["string","null"]},"redirects":{"type":"array","items":{"type":"string"}}
        """, FetchTextAsync);

    private static async Task<ToolAnswer> RequestAsync(ToolRun run)
    {
        var arguments = run.Arguments;
        var body = arguments.Text("body");
        var method = arguments.Text("method") ?? "GET";
        var follows = arguments.Flag("follow_redirects");
        var request = Checked(() => new Request(method, arguments.Required("url"))
        {
            Body = body is null ? null : RequestBody.Text(body, arguments.Text("content_type") ?? (LooksLikeJson(body) ? "application/json" : "text/plain; charset=utf-8")),
            Options = new RequestOptions
            {
                Headers = Fields(arguments),
                // Each may lead to another host: no more than the budget has room for.
                Redirects = follows ? new RedirectOptions { Limit = (int)Math.Clamp(Math.Min(run.Host.Budget.HostsLeft, run.Host.Budget.RequestsLeft), 0, MostRedirects) } : RedirectOptions.None,
                Timeouts = run.Host.Timeouts,
                DownloadProgress = null,
            },
        });
        using var response = await SendAsync(run, request);
        var (bytes, isCut) = method == "HEAD" ? default : await BodyReader.ReadAsync(response, Most(run), run.Lease, run.Cancelled, run.Progress);
        return Judged(response, run.Host.Clock) with
        {
            Content = BodyReader.Decode(response, bytes, isCut),
            Result = writer =>
            {
                writer.WriteNumber("status", response.Status);
                writer.WriteString("reason", response.Reason);
                writer.WriteString("url", response.Url.AbsoluteUri);
                writer.WriteString("version", HttpDocument.VersionText(response.Version));
                writer.WriteStartObject("headers");
                foreach (var field in response.Headers.GroupBy(static field => field.Key.ToLowerInvariant()))
                {
                    writer.WriteStartArray(field.Key);
                    foreach (var (_, value) in field)
                        writer.WriteStringValue(value);
                    writer.WriteEndArray();
                }
                writer.WriteEndObject();
                WriteRedirects(writer, response.History.Select(static hop => hop.Location));
                writer.WriteString("remote", response.RemoteAddress?.ToString());
            },
        };
    }

    private static async Task<ToolAnswer> FetchTextAsync(ToolRun run)
    {
        var url = Checked(() => new Uri(run.Host.Client.Prepare(new Request("GET", run.Arguments.Required("url"))).Url));
        var hops = new List<Uri>();
        while (true)
        {
            if (run.Host.Robots is { } robots)
                await robots.CheckAsync(url, run.Lease, run.Cancelled);
            var request = new Request("GET", url.AbsoluteUri) { Options = new RequestOptions { Redirects = RedirectOptions.None, Timeouts = run.Host.Timeouts } };
            using var response = await SendAsync(run, request);
            if (response.Status is not (301 or 302 or 303 or 307 or 308) || response.Headers["Location"] is not { } location || hops.Count == MostRedirects)
                return await ReadPageAsync(run, response, hops);
            run.Lease.SpendRequest();
            // Through the client's own reading of addresses: what is checked is what is asked.
            if (!Uri.TryCreate(url, location, out var next) || next.Scheme is not ("http" or "https") || (url.Scheme == "https" && next.Scheme == "http"))
                return await ReadPageAsync(run, response, hops);
            url = Checked(() => new Uri(run.Host.Client.Prepare(new Request("GET", next.AbsoluteUri)).Url));
            hops.Add(url);
        }
    }

    private static async Task<ToolAnswer> ReadPageAsync(ToolRun run, Response response, List<Uri> hops)
    {
        var (bytes, isCut) = await BodyReader.ReadAsync(response, Most(run), run.Lease, run.Cancelled, run.Progress);
        var content = BodyReader.Decode(response, bytes, isCut);
        string? title = null;
        if (!content.IsBase64 && !run.Arguments.Flag("raw") && IsHtml(response, content.Text))
        {
            (title, var text) = PageText.Of(content.Text, response.Url, run.Arguments.Flag("links"));
            content = content with { Text = text };
        }
        return Judged(response, run.Host.Clock) with
        {
            Content = content,
            Result = writer =>
            {
                writer.WriteNumber("status", response.Status);
                writer.WriteString("url", response.Url.AbsoluteUri);
                writer.WriteString("contentType", response.ContentType);
                writer.WriteString("title", title);
                WriteRedirects(writer, hops);
            },
        };
    }

    private static async Task<Response> SendAsync(ToolRun run, Request request)
    {
        var url = Checked(() => new Uri(run.Host.Client.Prepare(request).Url));
        run.Lease.SpendHost(url.IdnHost);
        try
        {
            var response = await run.Host.Client.StreamAsync(request, run.Cancelled);
            try
            {
                foreach (var hop in response.History)
                {
                    run.Lease.SpendRequest();
                    run.Lease.SpendHost(hop.Location.IdnHost);
                }
                return response;
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException(Commands.RequestReader.WithoutParameter(wrong), inner: wrong);
        }
    }

    private static ToolAnswer Judged(Response response, TimeProvider clock) => response.Status < 400 ? new ToolAnswer() : new ToolAnswer
    {
        Code = ErrorCodes.HttpStatus,
        Message = $"{response.Url.Authority} answered {response.Status} {response.Reason}".TrimEnd() + ".",
        IsTransient = response.Status is 408 or 425 or 429 or >= 500 and not 501 and not 505,
        RetryAt = response.RetryAfter is { } wait ? clock.GetUtcNow() + wait : null,
    };

    private static long Most(ToolRun run) => Math.Min(run.Arguments.Number("max_bytes", int.MaxValue), run.Lease.Bytes);

    private static void WriteRedirects(Utf8JsonWriter writer, IEnumerable<Uri> hops)
    {
        writer.WriteStartArray("redirects");
        foreach (var hop in hops)
            writer.WriteStringValue(hop.AbsoluteUri);
        writer.WriteEndArray();
    }

    private static bool IsHtml(Response response, string text) => response.ContentType is { } type
        ? type.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) || type.StartsWith("application/xhtml", StringComparison.OrdinalIgnoreCase)
        : text.AsSpan().TrimStart().StartsWith("<");

    private static bool LooksLikeJson(string body) => body.AsSpan().TrimStart() is ['{' or '[', ..];

    /// <summary>The fields that a model wants sent. For whom they are, the URL says: another Host would reach, behind one address, whom the policy does not allow.</summary>
    internal static HeaderMap Fields(ToolArguments arguments)
    {
        var fields = arguments.Map("headers");
        return fields.Any(static field => field.Key.Equals("Host", StringComparison.OrdinalIgnoreCase))
            ? throw new UsageException("'headers' has no Host: the URL says it.", "headers")
            : new HeaderMap(fields);
    }

    /// <summary>What is wrong with a model's words is told to the model.</summary>
    internal static T Checked<T>(Func<T> make)
    {
        try
        {
            return make();
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException)
        {
            throw new UsageException(wrong is ArgumentException argument ? Commands.RequestReader.WithoutParameter(argument) : wrong.Message, inner: wrong);
        }
    }
}

using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>Makes the request from the URL, the items and the options of a command line.</summary>
internal static class RequestReader
{
    public static Request Read(Invocation run, string method, List<RequestItem> items)
    {
        var arguments = run.Arguments;
        var body = ReadBody(run, items);
        var headers = ReadHeaders(arguments, items);
        if (!headers.Contains("Accept") && AcceptFor(arguments, body, items) is { } accept)
            headers.Add("Accept", accept);
        var query = items.Where(item => item.Kind == RequestItemKind.Query).Select(item => KeyValuePair.Create(item.Name, item.Value));
        return new Request(method, TargetUrl.Complete(arguments.Positionals[0]))
        {
            Body = body,
            Options = new RequestOptions
            {
                Headers = headers.Count == 0 ? null : headers,
                Query = [.. query],
                Credential = arguments.Has(HttpOptions.AsCurl) ? null : Secrets.Read(run),
            },
        };
    }

    /// <summary>The settings without the fields that items such as <c>User-Agent:</c> leave out.</summary>
    public static HTTPClientOptions WithoutDefaults(HTTPClientOptions settings, List<RequestItem> items)
    {
        foreach (var item in items)
        {
            if (item.Kind != RequestItemKind.Header || item.Value.Length > 0)
                continue;
            if (item.Name.Equals("User-Agent", StringComparison.OrdinalIgnoreCase))
                settings = settings with { UserAgent = null };
            else if (item.Name.Equals("Accept-Encoding", StringComparison.OrdinalIgnoreCase))
                settings = settings with { Decompress = false };
        }
        return settings;
    }

    private static string? AcceptFor(ParsedArguments arguments, RequestBody? body, List<RequestItem> items) =>
        arguments.Has(HttpOptions.Sse) ? "text/event-stream"
        : arguments.Has(HttpOptions.Ndjson) ? "application/x-ndjson, application/json;q=0.9, */*;q=0.5"
        : items.Exists(IsField) && body?.ContentType == "application/json" ? "application/json, */*;q=0.5"
        : null;

    private static HeaderMap ReadHeaders(ParsedArguments arguments, List<RequestItem> items)
    {
        var headers = new HeaderMap();
        foreach (var item in items.Where(item => item.Kind == RequestItemKind.Header && item.Value.Length > 0))
            Add(headers, item.Name, item.Value, $"{item.Name}:{item.Value}");
        AddFields(headers, arguments, HttpOptions.Header);
        return headers;
    }

    /// <summary>The fields that an option names, as NAME:VALUE.</summary>
    public static HeaderMap ReadFields(ParsedArguments arguments, Option option)
    {
        var headers = new HeaderMap();
        AddFields(headers, arguments, option);
        return headers;
    }

    private static void AddFields(HeaderMap headers, ParsedArguments arguments, Option option)
    {
        foreach (var text in arguments.All(option))
        {
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
                throw new UsageException($"{option.Name}: '{text}' is not NAME:VALUE.", option.Name);
            Add(headers, text[..colon].Trim(), text[(colon + 1)..].Trim(), option.Name);
        }
    }

    private static void Add(HeaderMap headers, string name, string value, string argument)
    {
        try
        {
            headers.Add(name, value);
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException($"{name}: {WithoutParameter(wrong)}", argument, wrong);
        }
    }

    private static RequestBody? ReadBody(Invocation run, List<RequestItem> items)
    {
        var arguments = run.Arguments;
        var fields = items.Where(IsField).ToList();
        var isForm = arguments.Has(HttpOptions.Form);
        var isMultipart = arguments.Has(HttpOptions.Multipart) || fields.Exists(item => item.Kind == RequestItemKind.File);
        if (arguments.Text(HttpOptions.Body) is { } path)
        {
            return fields.Count > 0 || isForm || isMultipart
                ? throw new UsageException("--body is the whole body: it excludes fields, --form and --multipart.", HttpOptions.Body.Name)
                : ReadFile(run, path);
        }
        if (isForm && arguments.Has(HttpOptions.Multipart))
            throw new UsageException("--form and --multipart exclude each other.", HttpOptions.Multipart.Name);
        if ((isForm || isMultipart) && fields.Find(item => item.Kind == RequestItemKind.Json) is { } json)
            throw new UsageException($"'{json.Name}:={json.Value}' is JSON, which a form has no place for; write {json.Name}=VALUE.", json.Name);
        if (isMultipart)
            return RequestBody.Multipart([.. fields.Select(Part)]);
        if (isForm)
            return RequestBody.Form(fields.Select(item => KeyValuePair.Create(item.Name, item.Value)));
        return fields.Count == 0 ? null : RequestBody.Bytes(Json(fields), "application/json");
    }

    private static bool IsField(RequestItem item) => item.Kind is RequestItemKind.Field or RequestItemKind.Json or RequestItemKind.File;

    private static MultipartPart Part(RequestItem item) => item.Kind == RequestItemKind.File
        ? new MultipartPart(item.Name, RequestBody.File(item.Value, FileType.Of(item.Value)), Path.GetFileName(item.Value))
        : MultipartPart.Field(item.Name, item.Value);

    private static RequestBody ReadFile(Invocation run, string path)
    {
        if (path == "-")
            return RequestBody.OneShot(run.Context.OpenInput());
        return File.Exists(path)
            ? RequestBody.File(path, FileType.Of(path))
            : throw new UsageException($"--body: there is no file '{path}'.", HttpOptions.Body.Name);
    }

    private static byte[] Json(List<RequestItem> fields)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var item in fields)
            {
                if (!names.Add(item.Name))
                    throw new UsageException($"The field '{item.Name}' was given twice; a list is {item.Name}:='[…]'.", item.Name);
                writer.WritePropertyName(item.Name);
                if (item.Kind == RequestItemKind.Json)
                    writer.WriteRawValue(Encoding.UTF8.GetBytes(item.Value));
                else
                    writer.WriteStringValue(item.Value);
            }
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    /// <summary>The message without the parameter's name, which says nothing to users of the command line.</summary>
    public static string WithoutParameter(ArgumentException error)
    {
        var start = error.ParamName is null ? -1 : error.Message.IndexOf($" (Parameter '{error.ParamName}')", StringComparison.Ordinal);
        return start < 0 ? error.Message : error.Message[..start];
    }
}

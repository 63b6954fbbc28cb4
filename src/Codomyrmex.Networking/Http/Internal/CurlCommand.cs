using System.Text;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Writes a request as a command line of curl, quoted for a POSIX shell.</summary>
internal static class CurlCommand
{
    public static string Of(Request request, bool revealSecrets)
    {
        var text = new StringBuilder("curl");
        if (request.Method is "HEAD")
            text.Append(" --head");
        else if (request.Method is not "GET" || request.Body is not null)
            text.Append(" --request ").Append(Quoted(request.Method));
        foreach (var (name, value) in request.Options.Headers ?? [])
            Header(text, name, value, revealSecrets);
        if (request.Body is { } body)
            Body(text, body, request.Options.Headers?.Contains("Content-Type") == true);
        var url = UrlBuilder.Parse(request.Url).Query(request.Options.Query).ToString();
        return text.Append(' ').Append(Quoted(revealSecrets ? url : Redactor.Redact(url))).ToString();
    }

    private static void Header(StringBuilder text, string name, string value, bool revealSecrets)
    {
        var shown = revealSecrets || !Redactor.IsSecretHeader(name, value) ? value : Redactor.Mask;
        // curl drops "Name:" without a value; "Name;" sends it empty.
        text.Append(" --header ").Append(Quoted(shown.Length == 0 ? name + ";" : $"{name}: {shown}"));
    }

    private static void Body(StringBuilder text, RequestBody body, bool hasType)
    {
        if (!hasType && body.ContentType is { } type)
            text.Append(" --header ").Append(Quoted("Content-Type: " + type));
        if (body.ContentEncoding is { } coding)
            text.Append(" --header ").Append(Quoted("Content-Encoding: " + coding));
        if (body is BytesBody bytes && bytes.AsText() is { } content)
            text.Append(" --data-raw ").Append(Quoted(content));
        else
            text.Append(" --data-binary @-");
    }

    private static string Quoted(string text)
    {
        var isPlain = text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '/' or ':' or '=' or '@' or '%' or '+' or ',');
        return isPlain ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
    }
}

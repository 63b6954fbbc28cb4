using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Http.Internal;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>Readers of what clients are told to keep, of the files it is kept in, and of command lines of curl.</summary>
internal static class StateTargets
{
    private static readonly Uri Setter = new("https://www.example.co.uk/a/b");

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("cookie-jar", KeepCookie)
        {
            Words = ["=", ";", "; Domain=", "co.uk", "example.co.uk", ".www.example.co.uk", "; Path=/", "; Max-Age=", "; Expires=", "; Secure", "__Host-", "__Secure-", "; SameSite=None", "9999999999", "\t"],
        },
        new("cookie-date", input => Promise.Keep(CookieDate.Parse(Latin(input)) is not { } date || date.Year >= 1601, "a date is one that cookies have"))
        {
            Words = ["Wed, ", "21 ", "Oct ", "2026 ", "07:28:00", " GMT", "-", "70", "31", "Feb"],
        },
        new("cookie-file", input =>
        {
            foreach (var cookie in CookieFile.Read(input, "jar.json"))
                Promise.Keep(!$"{cookie.Name}={cookie.Value}{cookie.Path}".AsSpan().ContainsAny("\r\n\0;"), "a cookie from a file stays in its place");
        })
        {
            Words = ["{", "}", "[", "]", "\"", ":", ",", "\"name\"", "\"value\"", "\"domain\"", "\"path\"", "true", "null", "\\r", "\\u0000"],
        },
        new("hsts", input => Promise.Keep(HstsField.Parse(Latin(input)) is not { } field || field.MaxAge is >= 0 and <= HstsField.LongestAge, "an age is bounded"))
        {
            Words = ["max-age=", "includeSubDomains", ";", "\"", "\\", "0", "31536000", "preload", " "],
        },
        new("public-suffix", input =>
        {
            var host = HostText.Parse(Encoding.UTF8.GetString(input));
            if (host.Problem is not null)
                return;
            var name = host.Canonical();
            var site = PublicSuffixes.Site(name);
            Promise.Keep(name.AsSpan().EndsWith(site) && (site.Length == name.Length || name[^(site.Length + 1)] == '.'), "a site ends its host at a dot");
        })
        {
            Words = [".", "com", "co.uk", "kobe.jp", "city", "ck", "www", "xn--", "github.io", "compute.amazonaws.com"],
        },
        new("service-error-code", input => Promise.Keep(ErrorCodeText.InBody(input) is not { } code || (code.Length <= 128 && !code.AsSpan().ContainsAnyExceptInRange('!', '~')), "a code is a word"))
        {
            Words = ["{", "}", "\"__type\":\"", "\"error\":{", "\"code\":\"", "<Error>", "<Code>", "</Code>", "#", ":", "\\ud800", "[", "]"],
        },
        new("operation-document", input => Promise.Keep(OperationDocument.Parse(input) is not { } said || said.Percent is null or (>= 0 and <= 100), "a percentage is one"))
        {
            Words = ["{", "}", "\"status\":\"Running\"", "\"properties\":{\"provisioningState\":", "\"percentComplete\":", "1e999", "-1", "\"error\":{\"code\":", "\\udc00", "null"],
        },
        new("outbox-record", input =>
        {
            if (OutboxRecord.Parse(input) is { } record)
                Promise.Keep(record.ToLine().AsSpan()[^1] == '\n' && record.ToLine().AsSpan().Count((byte)'\n') == 1, "a record is a line");
        })
        {
            Words = ["{\"key\":\"k\"", "\"method\":\"POST\"", "\"headers\":[", "\"body\":\"", "}"],
        },
        new("curl-line", ReadCurl)
        {
            Words = ["curl ", "http://a.test/", " -d ", " -X ", " -H ", " 'a: b'", " \"", "'", "$'", "\\", "\\x41", "\\u00e9", " --json ", " -F a=", "; type=", " -G ", " -u a:b", " -b c=d", "\n", " -- ", "@", "|"],
        },
    ];

    private static void KeepCookie(byte[] input)
    {
        var jar = new CookieJar();
        jar.Set(Setter, Latin(input));
        foreach (var cookie in jar.Cookies)
        {
            Promise.Keep(cookie.IsHostOnly ? cookie.Domain == Setter.Host : !PublicSuffixes.Contains(cookie.Domain) && Setter.Host.EndsWith(cookie.Domain, StringComparison.Ordinal), "a cookie is for its setter");
            Promise.Keep(cookie.ExpiresAt is not { } end || end <= DateTimeOffset.FromUnixTimeSeconds(253_402_300_799), "a cookie ends");
        }
        var sent = jar.HeaderFor(new Uri("https://www.example.co.uk/a/b/c"));
        Promise.Keep(sent is null || !sent.AsSpan().ContainsAny("\r\n\0"), "a cookie stays on its line");
        Promise.Keep(jar.HeaderFor(new Uri("https://www.other.co.uk/a/b")) is null, "a cookie stays on its site");
    }

    private static void ReadCurl(byte[] input)
    {
        var request = Request.FromCurl(Encoding.UTF8.GetString(input));
        // curl makes a query of a body with --head.
        if (request.Method == "HEAD" || request.Body is { ContentType: "multipart/form-data" })
            return;
        try
        {
            var again = Request.FromCurl(request.ToCurl(revealSecrets: true));
            Promise.Keep(again.Method == request.Method && again.Url == UrlBuilder.Parse(request.Url).ToString(), "a line that is written is read back");
        }
        catch (FormatException error) when (error.Message.Contains("file", StringComparison.Ordinal))
        {
            // A body that is no text comes from standard input.
        }
    }

    private static string Latin(byte[] input) => Encoding.Latin1.GetString(input);
}

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Names of curl's options: the table of its manual, as far as it makes a request.</summary>
internal static class CurlOptions
{
    private static readonly (string Long, char Short, CurlOption Option, bool HasValue)[] Table =
    [
        ("user-agent", 'A', CurlOption.Agent, true), ("oauth2-bearer", '\0', CurlOption.Bearer, true), ("compressed", '\0', CurlOption.Compressed, false),
        ("connect-timeout", '\0', CurlOption.ConnectTimeout, true), ("cookie", 'b', CurlOption.Cookie, true), ("data", 'd', CurlOption.Data, true),
        ("data-ascii", '\0', CurlOption.Data, true), ("data-binary", '\0', CurlOption.DataBinary, true), ("data-raw", '\0', CurlOption.DataRaw, true),
        ("data-urlencode", '\0', CurlOption.DataUrlEncode, true), ("form", 'F', CurlOption.Form, true), ("form-string", '\0', CurlOption.FormString, true),
        ("get", 'G', CurlOption.Get, false), ("head", 'I', CurlOption.Head, false), ("header", 'H', CurlOption.Header, true),
        ("http1.1", '\0', CurlOption.Http11, false), ("http2", '\0', CurlOption.Http2, false), ("http2-prior-knowledge", '\0', CurlOption.Http2, false),
        ("insecure", 'k', CurlOption.Insecure, false), ("json", '\0', CurlOption.Json, true), ("location", 'L', CurlOption.Location, false),
        ("max-redirs", '\0', CurlOption.MaxRedirects, true), ("max-time", 'm', CurlOption.MaxTime, true), ("request", 'X', CurlOption.Method, true),
        ("referer", 'e', CurlOption.Referer, true), ("upload-file", 'T', CurlOption.Upload, true), ("url", '\0', CurlOption.Url, true),
        ("user", 'u', CurlOption.User, true),
        ("cookie-jar", 'c', CurlOption.Shown, true), ("dump-header", 'D', CurlOption.Shown, true), ("fail", 'f', CurlOption.Shown, false),
        ("fail-with-body", '\0', CurlOption.Shown, false), ("globoff", 'g', CurlOption.Shown, false), ("include", 'i', CurlOption.Shown, false),
        ("show-headers", '\0', CurlOption.Shown, false), ("no-buffer", 'N', CurlOption.Shown, false), ("no-progress-meter", '\0', CurlOption.Shown, false),
        ("output", 'o', CurlOption.Shown, true), ("progress-bar", '#', CurlOption.Shown, false), ("remote-name", 'O', CurlOption.Shown, false),
        ("show-error", 'S', CurlOption.Shown, false), ("silent", 's', CurlOption.Shown, false), ("stderr", '\0', CurlOption.Shown, true),
        ("verbose", 'v', CurlOption.Shown, false), ("write-out", 'w', CurlOption.Shown, true),
    ];

    /// <summary>The options and values of a command line, a value without an option being a URL. Short ones may stand together (<c>-sSL</c>, <c>-XPOST</c>).</summary>
    /// <exception cref="FormatException">An option is unknown here, or lacks its value; the message names it.</exception>
    public static IEnumerable<(CurlOption Option, string Name, string Value)> Read(IReadOnlyList<string> words)
    {
        var (i, isOver) = (1, false);
        while (i < words.Count)
        {
            var word = words[i++];
            if (isOver || word.Length < 2 || word[0] != '-')
            {
                yield return (CurlOption.Url, "URL", word);
            }
            else if (word == "--")
            {
                isOver = true;
            }
            else if (word[1] == '-')
            {
                var (_, _, option, hasValue) = Array.Find(Table, known => known.Long == word[2..]);
                yield return (Known(option, word), word, hasValue ? Value(word) : "");
            }
            else
            {
                for (var at = 1; at < word.Length; at++)
                {
                    var (_, _, option, hasValue) = Array.Find(Table, known => known.Short == word[at]);
                    var name = $"-{word[at]}";
                    Known(option, name);
                    if (hasValue)
                    {
                        yield return (option, name, at + 1 < word.Length ? word[(at + 1)..] : Value(name));
                        break;
                    }
                    yield return (option, name, "");
                }
            }
        }

        string Value(string name) => i < words.Count ? words[i++] : throw new FormatException($"curl's {name} has no value.");
    }

    private static CurlOption Known(CurlOption option, string name) => option == CurlOption.Unknown
        ? throw new FormatException($"curl's option {Printable.Text(name, 60)} is not understood here; leave it out, or set what it means in the options of the request or the client.")
        : option;
}

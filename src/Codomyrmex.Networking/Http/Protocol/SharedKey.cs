using System.Text;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>The text that Azure Storage's Shared Key signs (version 2015-02-21 and later, for blobs, queues and files). Pure.</summary>
internal static class SharedKey
{
    private static readonly string[] Standard =
    [
        "Content-Encoding", "Content-Language", "Content-Length", "Content-MD5", "Content-Type", "Date", "If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range",
    ];

    /// <summary>The text to sign.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path as it is sent.</param>
    /// <param name="query">The query as it is sent, without '?'.</param>
    /// <param name="fields">All fields; <c>x-ms-date</c> is among them.</param>
    /// <param name="account">The account.</param>
    public static string StringToSign(string method, string path, string query, IEnumerable<KeyValuePair<string, string>> fields, string account)
    {
        var known = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in fields)
            known[name] = value;
        var text = new StringBuilder(method).Append('\n');
        foreach (var name in Standard)
            text.Append(ValueOf(name, known)).Append('\n');
        foreach (var (name, value) in known.Where(static field => field.Key.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase))
            .Select(static field => (Name: field.Key.ToLowerInvariant(), field.Value)).OrderBy(static field => field.Name, StringComparer.Ordinal))
        {
            text.Append(name).Append(':').Append(value.Trim()).Append('\n');
        }
        text.Append('/').Append(account).Append(path.Length == 0 ? "/" : path);
        foreach (var parameter in Parameters(query))
            text.Append('\n').Append(parameter);
        return text.ToString();
    }

    // x-ms-date is signed in the place of Date, and no body has no length.
    private static string ValueOf(string name, Dictionary<string, string> fields) =>
        name == "Date" || !fields.TryGetValue(name, out var value) || (name == "Content-Length" && value == "0") ? "" : value;

    private static IEnumerable<string> Parameters(string query) => query.Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(static pair => pair.Split('=', 2))
        .Select(static pair => (Name: Uri.UnescapeDataString(pair[0]).ToLowerInvariant(), Value: pair.Length == 1 ? "" : Uri.UnescapeDataString(pair[1])))
        .GroupBy(static pair => pair.Name, static pair => pair.Value)
        .OrderBy(static group => group.Key, StringComparer.Ordinal)
        .Select(static group => $"{group.Key}:{string.Join(',', group.Order(StringComparer.Ordinal))}");
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>AWS Signature Version 4 in the <c>Authorization</c> field: the canonical request, the key of the day, the signature. Pure.</summary>
internal static class SigV4
{
    public const string UnsignedPayload = "UNSIGNED-PAYLOAD";
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>A moment as <c>X-Amz-Date</c> has it.</summary>
    public static string Date(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The key of a day (<c>yyyyMMdd</c>) for a region and service.</summary>
    public static byte[] Key(string secretKey, string day, string region, string service)
    {
        var key = Encoding.UTF8.GetBytes("AWS4" + secretKey);
        foreach (var part in (string[])[day, region, service, "aws4_request"])
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        return key;
    }

    /// <summary>The value of <c>Authorization</c>.</summary>
    /// <param name="accessKey">The access key's identifier.</param>
    /// <param name="key">The key of the day; see <see cref="Key"/>.</param>
    /// <param name="date">The moment, as in <c>X-Amz-Date</c>.</param>
    /// <param name="region">The region.</param>
    /// <param name="service">The service.</param>
    /// <param name="signedFields">The names of the fields signed.</param>
    /// <param name="canonicalRequest">The request; see <see cref="CanonicalRequest"/>.</param>
    public static string Authorization(string accessKey, byte[] key, string date, string region, string service, string signedFields, string canonicalRequest)
    {
        var scope = $"{date[..8]}/{region}/{service}/aws4_request";
        var text = $"{Algorithm}\n{date}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonicalRequest)))}";
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        return $"{Algorithm} Credential={accessKey}/{scope}, SignedHeaders={signedFields}, Signature={signature}";
    }

    /// <summary>The request in the one form that both sides hash.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">The path as it is sent.</param>
    /// <param name="query">The query as it is sent, without '?'.</param>
    /// <param name="fields">The fields to sign.</param>
    /// <param name="payload">The body's SHA-256 in hexadecimal, or <see cref="UnsignedPayload"/>.</param>
    /// <param name="isS3">Whether the path is an object's name, which stays as it is; other services normalise it and escape it once more.</param>
    /// <param name="signedFields">The names of the fields, as they are listed.</param>
    public static string CanonicalRequest(
        string method, string path, string query, IEnumerable<KeyValuePair<string, string>> fields, string payload, bool isS3, out string signedFields)
    {
        var sorted = fields.Select(field => (Name: field.Key.ToLowerInvariant(), field.Value)).OrderBy(field => field.Name, StringComparer.Ordinal).ToArray();
        signedFields = string.Join(';', sorted.Select(field => field.Name));
        var text = new StringBuilder(method).Append('\n').Append(Path(path, isS3)).Append('\n').Append(Query(query)).Append('\n');
        foreach (var (name, value) in sorted)
        {
            text.Append(name).Append(':');
            text.AppendJoin(' ', value.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)).Append('\n');
        }
        return text.Append('\n').Append(signedFields).Append('\n').Append(payload).ToString();
    }

    private static string Path(string path, bool isS3)
    {
        if (isS3)
            return Escaped(path, isSlashKept: true, isDecoded: true);
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var normal = segments.Length == 0 ? "/" : $"/{string.Join('/', segments)}{(path.EndsWith('/') ? "/" : "")}";
        return Escaped(normal, isSlashKept: true, isDecoded: false);
    }

    private static string Query(string query) => string.Join('&', query.Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(static pair => pair.Split('=', 2))
        .Select(static pair => (Name: Escaped(pair[0], false, true), Value: pair.Length == 1 ? "" : Escaped(pair[1], false, true)))
        .OrderBy(static pair => pair.Name, StringComparer.Ordinal).ThenBy(static pair => pair.Value, StringComparer.Ordinal)
        .Select(static pair => $"{pair.Name}={pair.Value}"));

    /// <summary>Everything but unreserved characters (RFC 3986, section 2.3) as an escape; escapes that are there are read first, or kept as text.</summary>
    private static string Escaped(string text, bool isSlashKept, bool isDecoded)
    {
        var output = new StringBuilder(text.Length);
        var bytes = Encoding.UTF8.GetBytes(text);
        for (var i = 0; i < bytes.Length; i++)
        {
            var value = bytes[i];
            if (isDecoded && value == '%' && i + 2 < bytes.Length && byte.TryParse(bytes.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, null, out var read))
            {
                value = read;
                i += 2;
                // An escaped slash is no border of a segment.
                if (value == '/')
                {
                    output.Append("%2F");
                    continue;
                }
            }
            if (char.IsAsciiLetterOrDigit((char)value) || value is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~' || (isSlashKept && value == '/'))
                output.Append((char)value);
            else
                output.Append('%').Append(value.ToString("X2", CultureInfo.InvariantCulture));
        }
        return output.ToString();
    }
}

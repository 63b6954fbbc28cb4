using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Tests.Integration.Http;

/// <summary>Azure's SharedKey as a user of the library writes it: fields and resource in one form, signed with HMAC-SHA256.</summary>
internal sealed class SharedKeySigner(string account, byte[] key) : RequestSigner
{
    public override ValueTask SignAsync(RequestToSign request, CancellationToken cancellationToken)
    {
        request.SetHeader("x-ms-date", request.Now.ToString("r", CultureInfo.InvariantCulture));
        request.SetHeader("x-ms-version", "2021-12-02");
        var length = request.BodyLength is > 0 and var bytes ? bytes.ToString(CultureInfo.InvariantCulture) : "";
        var text = new StringBuilder(request.Method).Append('\n');
        foreach (var name in new[] { "Content-Encoding", "Content-Language", "", "Content-MD5", "Content-Type", "Date", "If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range" })
            text.Append(name.Length == 0 ? length : request.GetHeader(name)).Append('\n');
        foreach (var (name, value) in request.Headers.Where(field => field.Key.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase)).OrderBy(field => field.Key.ToLowerInvariant(), StringComparer.Ordinal))
            text.Append(name.ToLowerInvariant()).Append(':').Append(value).Append('\n');
        text.Append('/').Append(account).Append(request.Url.AbsolutePath);
        foreach (var pair in request.Url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=', 2)).OrderBy(pair => pair[0], StringComparer.Ordinal))
            text.Append('\n').Append(Uri.UnescapeDataString(pair[0]).ToLowerInvariant()).Append(':').Append(Uri.UnescapeDataString(pair.ElementAtOrDefault(1) ?? ""));
        request.SetHeader("Authorization", $"SharedKey {account}:{Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text.ToString())))}");
        return ValueTask.CompletedTask;
    }
}

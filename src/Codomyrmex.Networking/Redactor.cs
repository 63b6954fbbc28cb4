using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking;

/// <summary>Masks secrets in text that may reach a message, a log or a trace: passwords in URLs, credentials, secret query values.</summary>
/// <remarks>One pass, no regular expressions: the text may come from a hostile peer.</remarks>
public static class Redactor
{
    /// <summary>What stands in a secret's place.</summary>
    public const string Mask = "***";

    private static readonly string[] Schemes = ["Bearer ", "Basic ", "Digest ", "AWS4-HMAC-SHA256 "];

    private static readonly string[] SecretHeaders =
        ["authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "apikey", "password", "x-amz-security-token", "signature", "token", "secret", "x-auth"];

    private static readonly string[] SecretNames =
    [
        "access_token", "refresh_token", "id_token", "token", "api_key", "apikey", "api-key", "x-api-key", "key", "password", "passwd",
        "pwd", "secret", "client_secret", "sig", "signature", "x-amz-signature", "x-amz-credential", "x-amz-security-token",
        "authorization", "proxy-authorization", "cookie", "set-cookie", "code", "assertion", "session",
    ];

    /// <summary>Whether a query parameter or form field of this name is secret.</summary>
    /// <param name="name">The name, in any case.</param>
    public static bool IsSecretName(ReadOnlySpan<char> name) => Contains(SecretNames, name) || HasSecretEnding(name);

    /// <summary>Whether a header of this name is secret, and so must not cross an origin or reach a log.</summary>
    /// <param name="name">The name, in any case.</param>
    public static bool IsSecretHeader(ReadOnlySpan<char> name) => Contains(SecretHeaders, name) || HasSecretEnding(name);

    private static bool Contains(string[] names, ReadOnlySpan<char> name)
    {
        foreach (var secret in names)
        {
            if (name.Equals(secret, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private static bool HasSecretEnding(ReadOnlySpan<char> name)
    {
        return name.EndsWith("-token", StringComparison.OrdinalIgnoreCase) || name.EndsWith("-secret", StringComparison.OrdinalIgnoreCase) ||
               name.EndsWith("-key", StringComparison.OrdinalIgnoreCase) || name.EndsWith("_token", StringComparison.OrdinalIgnoreCase) ||
               name.EndsWith("_secret", StringComparison.OrdinalIgnoreCase) || name.EndsWith("_key", StringComparison.OrdinalIgnoreCase) ||
               name.EndsWith("-signature", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The text with every secret that can be told from its surroundings replaced by <see cref="Mask"/>.</summary>
    /// <param name="text">A URL, a header line, a message.</param>
    public static string Redact(string text)
    {
        if (text.AsSpan().IndexOfAny("@= :") < 0)
            return text;
        StringBuilder? output = null;
        var copied = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var (from, to) = SecretAt(text, i);
            if (to <= from)
                continue;
            output ??= new StringBuilder(text.Length);
            output.Append(text, copied, from - copied).Append(Mask);
            copied = to;
            i = to - 1;
        }
        return output is null ? text : output.Append(text, copied, text.Length - copied).ToString();
    }

    /// <summary>The text with control characters escaped: a peer's words cannot move a terminal's cursor or begin a line of a log.</summary>
    /// <param name="text">Text from a peer.</param>
    public static string Printable(string text)
    {
        StringBuilder? output = null;
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]))
                (output ??= new StringBuilder(text, 0, i, text.Length + 16)).Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
            else
                output?.Append(text[i]);
        }
        return output?.ToString() ?? text;
    }

    /// <summary>The secret that the character at <paramref name="i"/> introduces, as a range; empty if none.</summary>
    private static (int From, int To) SecretAt(string text, int i) => text[i] switch
    {
        ':' when text.AsSpan(i).StartsWith("://") => UserInfo(text, i + 3),
        ':' => HeaderValue(text, i),
        '=' => (i + 1, IsSecretName(NameBefore(text, i)) ? EndOfValue(text, i + 1) : 0),
        'B' or 'b' or 'D' or 'd' or 'A' or 'a' => Credential(text, i),
        _ => default,
    };

    private static (int, int) UserInfo(string text, int start)
    {
        var rest = text.AsSpan(start);
        var end = rest.IndexOfAny("/?# \"'\n");
        var authority = end < 0 ? rest : rest[..end];
        return (start, start + authority.LastIndexOf('@'));
    }

    private static (int, int) HeaderValue(string text, int colon)
    {
        // "name": as JSON has it, too.
        if (!IsSecretHeader(NameBefore(text, colon > 0 && text[colon - 1] == '"' ? colon - 1 : colon)))
            return default;
        var start = colon + 1;
        while (start < text.Length && text[start] == ' ')
            start++;
        if (start < text.Length && text[start] == '"')
            return (start + 1, EndOfQuote(text, start + 1));
        var length = text.AsSpan(start).IndexOfAny("\r\n\"");
        return (start, length < 0 ? text.Length : start + length);
    }

    private static int EndOfQuote(string text, int start)
    {
        while (start < text.Length && text[start] is not ('"' or '\r' or '\n'))
            start += text[start] == '\\' ? 2 : 1;
        return Math.Min(start, text.Length);
    }

    private static (int, int) Credential(string text, int i)
    {
        if (i > 0 && char.IsAsciiLetterOrDigit(text[i - 1]))
            return default;
        foreach (var scheme in Schemes)
        {
            if (text.AsSpan(i).StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
                return (i + scheme.Length, EndOfValue(text, i + scheme.Length));
        }
        return default;
    }

    private static ReadOnlySpan<char> NameBefore(string text, int end)
    {
        var start = end;
        while (start > 0 && (char.IsAsciiLetterOrDigit(text[start - 1]) || text[start - 1] is '-' or '_'))
            start--;
        return text.AsSpan(start, end - start);
    }

    private static int EndOfValue(string text, int start)
    {
        var length = text.AsSpan(start).IndexOfAny("&;, \"'\r\n)#");
        return length < 0 ? text.Length : start + length;
    }
}

using System.Text;

namespace Codomyrmex.Networking;

/// <summary>Masks secrets in text that may reach a message, a log or a trace: passwords in URLs, credentials, secret query values.</summary>
/// <remarks>One pass, no regular expressions: the text may come from a hostile peer.</remarks>
public static partial class Redactor
{
    /// <summary>What stands in a secret's place.</summary>
    public const string Mask = "***";

    private static readonly string[] Schemes = ["Bearer ", "Basic ", "Digest ", "DPoP ", "Negotiate ", "NTLM ", "AWS4-HMAC-SHA256 "];

    // Words that would say too little in the middle of a sentence, and enough at the beginning of a field.
    private static readonly string[] SchemesOfFields = [.. Schemes, "ApiKey ", "Api-Key ", "GNAP ", "Hawk ", "OAuth ", "SharedKey ", "SharedAccessSignature ", "Signature ", "Token "];

    private static readonly string[] SecretHeaders = ["cookie", "set-cookie"];

    private static string[] _credentialHeaders = [];

    // Of names in many spellings: X-AuthToken, auth_token. Short words only behind a separator, lest they end another word.
    private static readonly string[] SecretEndings =
    [
        "token", "secret", "password", "passwd", "passphrase", "authorization", "apikey", "accesskey", "secretkey", "-key", "_key", "jwt", "assertion", "credential", "credentials",
        "signature", "sessionid", "session-id", "session_id", "-sid", "_sid", "-auth", "_auth", "auth-code", "auth_code", "-pass", "_pass", "-pin", "_pin", "-otp", "_otp",
    ];

    private static readonly string[] SecretNames = ["cookie", "set-cookie", "key", "pwd", "sig", "code", "session"];

    /// <summary>Whether a query parameter or form field of this name is secret.</summary>
    /// <param name="name">The name, in any case.</param>
    public static bool IsSecretName(ReadOnlySpan<char> name) => Contains(SecretNames, name) || HasSecretEnding(name);

    /// <summary>
    /// Whether a header of this name is secret, and so must not cross an origin or reach a log: by its name, or because a credential of this process
    /// is sent in it.
    /// </summary>
    /// <param name="name">The name, in any case.</param>
    public static bool IsSecretHeader(ReadOnlySpan<char> name) => IsSecretOfItself(name) || Contains(Volatile.Read(ref _credentialHeaders), name);

    /// <summary>Whether a header is secret: by its name, or because its value begins with the name of an authentication scheme (<c>Bearer …</c>).</summary>
    /// <param name="name">The name, in any case.</param>
    /// <param name="value">The value.</param>
    public static bool IsSecretHeader(ReadOnlySpan<char> name, ReadOnlySpan<char> value) =>
        // A challenge names schemes too, and is no secret.
        IsSecretHeader(name) || (BeginsWithOne(value.TrimStart(), SchemesOfFields) > 0 && !name.EndsWith("-authenticate", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a header of this name is secret whatever this process sends.</summary>
    internal static bool IsSecretOfItself(ReadOnlySpan<char> name) => Contains(SecretHeaders, name) || HasSecretEnding(name);

    /// <summary>A credential is sent in a header of this name: from now on it is secret wherever it appears.</summary>
    internal static void CarriesCredential(string name)
    {
        while (!IsSecretHeader(name))
        {
            var before = Volatile.Read(ref _credentialHeaders);
            // Far more than any program has: a caller who takes names from elsewhere must not make every look-up slow.
            if (before.Length >= 256)
                return;
            Interlocked.CompareExchange(ref _credentialHeaders, [.. before, name], before);
        }
    }

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
        foreach (var ending in SecretEndings)
        {
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private static int BeginsWithOne(ReadOnlySpan<char> text, string[] schemes)
    {
        foreach (var scheme in schemes)
        {
            if (text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
                return scheme.Length;
        }
        return 0;
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

    /// <summary>The secret that the character at <paramref name="i"/> introduces, as a range; empty if none.</summary>
    private static (int From, int To) SecretAt(string text, int i) => text[i] switch
    {
        ':' when text.AsSpan(i).StartsWith("://") => UserInfo(text, i + 3),
        ':' => HeaderValue(text, i),
        '=' => (i + 1, IsSecretName(NameBefore(text, i)) ? EndOfValue(text, i + 1) : 0),
        'B' or 'b' or 'D' or 'd' or 'A' or 'a' or 'N' or 'n' => Credential(text, i),
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
        return BeginsWithOne(text.AsSpan(i), Schemes) is var length and > 0 ? (i + length, EndOfValue(text, i + length)) : default;
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

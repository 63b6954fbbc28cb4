using System.Text;

namespace Codomyrmex.Networking;

/// <summary>
/// Reads <c>WWW-Authenticate</c> and <c>Authentication-Info</c> fields (RFC 9110, sections 11.3 to 11.6). A comma parts parameters and challenges
/// alike: a word with an equals sign behind it is a parameter, one without begins a challenge. Lenient: what is malformed ends the reading.
/// </summary>
internal static class AuthChallenges
{
    private const int Most = 32;
    private const int MostParameters = 64;

    /// <summary>The challenges of a field, in its order.</summary>
    public static List<AuthChallenge> Parse(ReadOnlySpan<char> text)
    {
        var challenges = new List<AuthChallenge>();
        text = SkipCommas(text);
        while (!text.IsEmpty && challenges.Count < Most && Token(ref text) is { Length: > 0 } scheme)
        {
            var hasMore = !text.IsEmpty && text[0] is ' ' or '\t';
            text = text.TrimStart(" \t");
            var parameters = hasMore && SkipToken68(ref text) ? [] : Parameters(ref text);
            challenges.Add(new AuthChallenge(scheme, parameters));
            text = SkipCommas(text);
        }
        return challenges;
    }

    /// <summary>The parameters of a field that has nothing else, such as <c>Authentication-Info</c>.</summary>
    public static IReadOnlyDictionary<string, string> ParseParameters(ReadOnlySpan<char> text)
    {
        text = SkipCommas(text);
        return Parameters(ref text);
    }

    private static Dictionary<string, string> Parameters(ref ReadOnlySpan<char> text)
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var count = 0; count < MostParameters; count++)
        {
            var rest = text;
            var name = Token(ref rest);
            rest = rest.TrimStart(" \t");
            // No equals sign: the word is the scheme of the next challenge.
            if (name.Length == 0 || rest.IsEmpty || rest[0] != '=')
                return parameters;
            rest = rest[1..].TrimStart(" \t");
            parameters.TryAdd(name, Value(ref rest));
            rest = rest.TrimStart(" \t");
            text = SkipCommas(rest);
            if (!rest.IsEmpty && rest[0] != ',')
                return parameters;
        }
        text = [];
        return parameters;
    }

    private static string Value(ref ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text[0] != '"')
        {
            var end = text.IndexOfAny(", \t");
            var word = text[..(end < 0 ? text.Length : end)];
            text = text[word.Length..];
            return word.ToString();
        }
        var value = new StringBuilder();
        var i = 1;
        for (; i < text.Length && text[i] != '"'; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length)
                i++;
            value.Append(text[i]);
        }
        text = text[Math.Min(i + 1, text.Length)..];
        return value.ToString();
    }

    /// <summary>Skips data in the place of parameters, as Negotiate has: it fills the place up to the next comma, and only at its end may be '='.</summary>
    private static bool SkipToken68(ref ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAny(", \t");
        var word = text[..(end < 0 ? text.Length : end)];
        var rest = text[word.Length..].TrimStart(" \t");
        var data = word.TrimEnd('=');
        if (data.IsEmpty || data.ContainsAny('=', '"') || (!rest.IsEmpty && rest[0] != ','))
            return false;
        text = rest;
        return true;
    }

    private static string Token(ref ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && FieldRules.IsToken(text.Slice(length, 1)))
            length++;
        var token = text[..length].ToString();
        text = text[length..];
        return token;
    }

    private static ReadOnlySpan<char> SkipCommas(ReadOnlySpan<char> text) => text.TrimStart(" \t,");
}

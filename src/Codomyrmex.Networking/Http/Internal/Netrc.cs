namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Reads netrc files: <c>machine</c>, <c>default</c>, <c>login</c>, <c>password</c>, <c>account</c>, <c>macdef</c>, quotes and comments.</summary>
internal static class Netrc
{
    /// <summary>User and password for a host: of its own entry, or else of <c>default</c>. Names are compared whole, never by suffix.</summary>
    /// <param name="text">The file.</param>
    /// <param name="host">The host in its one spelling; see <see cref="HostText.Canonical"/>.</param>
    public static (string User, string Password)? Find(string text, string host)
    {
        (string User, string Password)? fallback = null;
        var tokens = new Queue<(string Text, int Line)>(Tokens(text));
        while (tokens.TryDequeue(out var token))
        {
            var isDefault = token.Text == "default";
            if (!isDefault && token.Text != "machine")
                throw Malformed(token.Line, $"'machine' or 'default' is expected, not '{token.Text}'");
            var name = isDefault ? "" : Value(tokens, token);
            var entry = Entry(tokens);
            if (!isDefault && HostText.Parse(name) is { Problem: null } machine && machine.Canonical() == host)
                return entry;
            if (isDefault)
                fallback ??= entry;
        }
        return fallback;
    }

    private static (string, string) Entry(Queue<(string Text, int Line)> tokens)
    {
        var (user, password) = ("", "");
        while (tokens.TryPeek(out var token) && token.Text is "login" or "password" or "account")
        {
            tokens.Dequeue();
            var value = Value(tokens, token);
            if (token.Text == "login")
                user = value;
            else if (token.Text == "password")
                password = value;
        }
        return (user, password);
    }

    private static string Value(Queue<(string Text, int Line)> tokens, (string Text, int Line) key) =>
        tokens.TryDequeue(out var value) ? value.Text : throw Malformed(key.Line, $"'{key.Text}' has no value");

    private static IEnumerable<(string, int)> Tokens(string text)
    {
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var rest = lines[i].Trim();
            if (rest.StartsWith("macdef", StringComparison.Ordinal))
            {
                // A macro runs to the next empty line; it is of no use here.
                while (i + 1 < lines.Length && lines[i + 1].Trim().Length > 0)
                    i++;
                continue;
            }
            while (rest.Length > 0 && rest[0] != '#')
            {
                var (token, length) = Token(rest, i + 1);
                yield return (token, i + 1);
                rest = rest[length..].TrimStart();
            }
        }
    }

    private static (string, int) Token(string rest, int line)
    {
        if (rest[0] != '"')
        {
            var end = rest.AsSpan().IndexOfAny(' ', '\t');
            end = end < 0 ? rest.Length : end;
            return (rest[..end], end);
        }
        var value = new System.Text.StringBuilder();
        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
                return (value.ToString(), i + 1);
            if (rest[i] == '\\' && i + 1 < rest.Length)
                i++;
            value.Append(rest[i]);
        }
        throw Malformed(line, "a quote is not closed");
    }

    private static FormatException Malformed(int line, string what) => new($"The netrc file is malformed in line {line}: {what}.");
}

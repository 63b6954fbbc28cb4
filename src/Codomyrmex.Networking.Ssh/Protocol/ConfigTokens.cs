using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>Fills in the tokens of ssh_config(5), TOKENS, <c>~</c> and <c>${VARIABLE}</c>. What is made of them is a path or a name, never a command.</summary>
internal static class ConfigTokens
{
    /// <summary>The host to connect to: <c>HostName</c>, whose <c>%h</c> is the host asked for.</summary>
    public static string HostName(ConfigValues values, ConfigFacts facts) => values.Line("hostname") is { } line
        ? Expand(line.Arguments[0], line.Place, token => token == 'h' ? facts.Host : null)
        : facts.Host;

    /// <summary>A path with its tokens, its variables and its leading <c>~</c> filled in.</summary>
    public static string Path(string path, ConfigDirective line, ConfigValues values, ConfigFacts facts)
    {
        var text = Expand(Variables(path, line, facts), line.Place, token => Of(token, values, facts));
        return text == "~" ? facts.Home
            : text.StartsWith("~/", StringComparison.Ordinal) ? facts.Home + text[1..]
            : text.StartsWith('~') ? throw new FormatException($"{line.Place}: '{Printable.Text(text, 80)}' names the home of another user, which is not supported.")
            : text;
    }

    private static string? Of(char token, ConfigValues values, ConfigFacts facts) => token switch
    {
        'h' => HostName(values, facts),
        'n' => facts.Host,
        'k' => values.One("hostkeyalias") ?? facts.Host,
        'p' => (facts.Port?.ToString(CultureInfo.InvariantCulture)) ?? values.One("port") ?? "22",
        'r' => facts.User ?? values.One("user") ?? facts.LocalUser,
        'u' => facts.LocalUser,
        'd' => facts.Home,
        'i' => facts.UserNumber,
        'l' => facts.LocalHost,
        'L' => facts.LocalHost.Split('.')[0],
        'j' => values.One("proxyjump") ?? "",
        _ => null,
    };

    private static string Expand(string text, string place, Func<char, string?> find)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
            return text;
        var filled = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                filled.Append(text[i]);
                continue;
            }
            var token = ++i < text.Length ? text[i] : '\0';
            filled.Append(token == '%' ? "%" : find(token) ?? throw new FormatException($"{place}: the token '{Printable.Text($"%{token}")}' is not known here."));
        }
        return filled.ToString();
    }

    private static string Variables(string text, ConfigDirective line, ConfigFacts facts)
    {
        var filled = new StringBuilder();
        for (var rest = text.AsSpan(); ;)
        {
            var start = rest.IndexOf("${");
            if (start < 0)
                return filled.Append(rest).ToString();
            var end = rest[start..].IndexOf('}');
            if (end < 0)
                throw new FormatException($"{line.Place}: '${{' is not closed.");
            var name = rest[(start + 2)..(start + end)].ToString();
            // OpenSSH too refuses what is not set: a path with a hole in it is another path.
            var value = facts.Environment(name) ?? throw new FormatException($"{line.Place}: the variable {Printable.Text(name, 60)} is not set.");
            filled.Append(rest[..start]).Append(value.Replace("%", "%%", StringComparison.Ordinal));
            rest = rest[(start + end + 1)..];
        }
    }
}

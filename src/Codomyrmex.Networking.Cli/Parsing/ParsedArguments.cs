namespace Codomyrmex.Networking.Cli.Parsing;

/// <summary>What stood on the command line, by option.</summary>
internal sealed class ParsedArguments
{
    private readonly List<(Option Option, string Value)> _values = [];
    private readonly List<string> _positionals = [];

    public IReadOnlyList<string> Positionals => _positionals;

    public void Add(Option option, string value) => _values.Add((option, value));

    public void Add(string positional) => _positionals.Add(positional);

    public bool Has(Option option) => Text(option) is not null;

    /// <summary>The option's value, the last one where it was given twice; null where it was not given.</summary>
    public string? Text(Option option)
    {
        for (var i = _values.Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(_values[i].Option, option))
                return _values[i].Value;
        }
        return null;
    }

    public IReadOnlyList<string> All(Option option)
    {
        List<string>? all = null;
        foreach (var (given, value) in _values)
        {
            if (ReferenceEquals(given, option))
                (all ??= []).Add(value);
        }
        return all ?? (IReadOnlyList<string>)[];
    }

    /// <summary>The values of several options, in the order in which they were given.</summary>
    public IEnumerable<(Option Option, string Value)> InOrder(params Option[] options) => _values.Where(given => options.Contains(given.Option));

    /// <summary>Of two switches that exclude each other, whether the first was given last.</summary>
    public bool? Last(Option yes, Option no)
    {
        for (var i = _values.Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(_values[i].Option, yes))
                return true;
            if (ReferenceEquals(_values[i].Option, no))
                return false;
        }
        return null;
    }

    /// <summary>Reads an option's value; what is wrong with it becomes a usage error that names the option.</summary>
    public T? Read<T>(Option option, Func<string, T> parse) where T : class =>
        Text(option) is { } text ? Checked(option, text, parse) : null;

    /// <inheritdoc cref="Read"/>
    public T? Value<T>(Option option, Func<string, T> parse) where T : struct =>
        Text(option) is { } text ? Checked(option, text, parse) : null;

    /// <summary>Runs what reads a value; what is wrong with it becomes a usage error that names the option.</summary>
    public static T Checked<T>(Option option, string text, Func<string, T> parse)
    {
        try
        {
            return parse(text);
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException or IOException or UnauthorizedAccessException
            or System.Security.Cryptography.CryptographicException)
        {
            throw new UsageException($"{option.Name}: {Why(wrong, text)}", option.Name, wrong);
        }
    }

    /// <summary>What is wrong, in the words of whoever wrote it: the path as it was given, no parameter of ours.</summary>
    public static string Why(Exception wrong, string text) => wrong switch
    {
        FileNotFoundException { FileName: { } other } when text.Length > 0 && other != Path.GetFullPath(text) => $"there is no file '{other}'.",
        FileNotFoundException or DirectoryNotFoundException => $"there is no file '{text}'.",
        UnauthorizedAccessException => Directory.Exists(text) ? $"'{text}' is a folder." : $"'{text}' cannot be read: permission is denied.",
        ArgumentException argument => Commands.RequestReader.WithoutParameter(argument),
        _ => wrong.Message,
    };
}

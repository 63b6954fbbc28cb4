namespace Codomyrmex.Networking.Cli.Parsing;

/// <summary>
/// Splits a command line into options and positionals by a table of options. Options stand anywhere, as <c>--name value</c> or
/// <c>--name=value</c>; <c>--</c> ends them.
/// </summary>
internal static class ArgumentParser
{
    public static ParsedArguments Parse(IEnumerable<string> arguments, OptionGroup[] groups)
    {
        var parsed = new ParsedArguments();
        using var rest = arguments.GetEnumerator();
        while (rest.MoveNext())
        {
            var argument = rest.Current;
            if (argument == "--")
            {
                while (rest.MoveNext())
                    parsed.Add(rest.Current);
            }
            else if (!IsOption(argument))
            {
                parsed.Add(argument);
            }
            else
            {
                Take(argument, rest, groups, parsed);
            }
        }
        return parsed;
    }

    /// <summary>Whether an argument is an option rather than a positional; a lone dash is a file.</summary>
    public static bool IsOption(string argument) => argument.Length > 1 && argument[0] == '-';

    /// <summary>The option that an argument names, without its value.</summary>
    public static Option? Find(string argument, OptionGroup[] groups)
    {
        var name = Split(argument).Name;
        foreach (var group in groups)
        {
            foreach (var option in group.Options)
            {
                if (option.Answers(name))
                    return option;
            }
        }
        return null;
    }

    private static void Take(string argument, IEnumerator<string> rest, OptionGroup[] groups, ParsedArguments parsed)
    {
        var (name, value) = Split(argument);
        var option = Find(argument, groups) ?? throw Unknown(name, groups);
        option = option.Means ?? option;
        if (option.Value is null)
        {
            if (value is not null)
                throw new UsageException($"{name} takes no value, but got '{value}'.", name);
            parsed.Add(option, "");
            return;
        }
        if (value is null)
        {
            if (!rest.MoveNext())
                throw new UsageException($"{name} needs a value: {name} {option.Value}.", name);
            value = rest.Current;
        }
        if (value.Length == 0 && option.IsFile)
            throw new UsageException($"{name} needs a path: {name} {option.Value}.", name);
        if (!option.IsRepeatable && parsed.Has(option))
            throw new UsageException($"{name} was given twice.", name);
        parsed.Add(option, value);
    }

    private static (string Name, string? Value) Split(string argument)
    {
        var equals = argument.StartsWith("--", StringComparison.Ordinal) ? argument.IndexOf('=', StringComparison.Ordinal) : -1;
        return equals < 0 ? (argument, null) : (argument[..equals], argument[(equals + 1)..]);
    }

    private static UsageException Unknown(string name, OptionGroup[] groups)
    {
        var options = groups.SelectMany(group => group.Options).ToList();
        if (options.Find(option => option.Elsewhere.Contains(name)) is { } same)
            return new UsageException($"Unknown option {name}; here it is {same.Name}{(same.Value is null ? "" : " " + same.Value)}.", name);
        // Any letter is near any other.
        var nearest = name.Length > 2 ? Suggestion.Nearest(name, options.Select(option => option.Name)) : null;
        return new UsageException($"Unknown option {name}{(nearest is null ? "." : $"; did you mean {nearest}?")}", name);
    }
}

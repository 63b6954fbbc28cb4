namespace Codomyrmex.Networking.Cli.Parsing;

/// <summary>An option as its command declares it. Parsing, <c>--help</c>, completion and the documentation are made from it.</summary>
/// <param name="name">The name with its dashes.</param>
/// <param name="value">What its value is called in texts; null for a switch.</param>
/// <param name="help">What it does, in one line.</param>
internal sealed class Option(string name, string? value, string help)
{
    public string Name { get; } = name;

    public string? Value { get; } = value;

    public string Help { get; } = help;

    /// <summary>A second, short name.</summary>
    public string? Short { get; init; }

    /// <summary>What well-known programs call it: not taken, but pointed out.</summary>
    public string[] Elsewhere { get; init; } = [];

    public bool IsRepeatable { get; init; }

    /// <summary>The values to offer, where they are few.</summary>
    public string[] Choices { get; init; } = [];

    /// <summary>Whether the value is the path of a file.</summary>
    public bool IsFile { get; init; }

    /// <summary>The option that it is, where one command says something else of it: only its help differs.</summary>
    public Option? Means { get; init; }

    /// <summary>The same option with another help.</summary>
    public Option Saying(string help) => new(Name, Value, help) { Short = Short, Elsewhere = Elsewhere, IsRepeatable = IsRepeatable, Choices = Choices, IsFile = IsFile, Means = Means ?? this };

    public bool Answers(string text) => text == Name || (Short is not null && text == Short);
}

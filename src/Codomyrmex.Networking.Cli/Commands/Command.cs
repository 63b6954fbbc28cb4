using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>A command as data. Parsing, <c>--help</c>, completion and the documentation are made from it.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Arguments">Its positionals, as a line of usage shows them.</param>
/// <param name="Summary">What it does, in one line.</param>
/// <param name="Groups">Its options.</param>
/// <param name="RunAsync">Does it; the result is the exit code.</param>
internal sealed record Command(string Name, string Arguments, string Summary, OptionGroup[] Groups, Func<Invocation, Task<int>> RunAsync)
{
    /// <summary>The program that it is a command of.</summary>
    public string Program { get; init; } = "codonet";

    public int LeastPositionals { get; init; }

    public int MostPositionals { get; init; }

    /// <summary>What the options do not tell: paragraphs.</summary>
    public string[] Details { get; init; } = [];

    /// <summary>Command lines to copy, without the program's name.</summary>
    public string[] Examples { get; init; } = [];

    /// <summary>Words that the first positional can be, where they are few.</summary>
    public string[] Choices { get; init; } = [];

    /// <summary>The egress policy where none is named.</summary>
    public EgressPolicy DefaultPolicy { get; init; } = EgressPolicy.Unrestricted;

    public string Usage => $"{Program} {Name} {Arguments} [OPTION…]".Replace("  ", " ", StringComparison.Ordinal);
}

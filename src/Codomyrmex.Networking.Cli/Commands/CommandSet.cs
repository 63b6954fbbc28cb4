namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>A program's commands. One is made when it is asked for: a run needs no other.</summary>
/// <param name="Program">What the program is called.</param>
/// <param name="Summary">What it is, in a few words.</param>
/// <param name="Names">The names of its commands.</param>
/// <param name="Find">The command of a name; null where there is none.</param>
internal sealed record CommandSet(string Program, string Summary, string[] Names, Func<string, Command?> Find);

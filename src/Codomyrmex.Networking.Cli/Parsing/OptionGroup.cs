namespace Codomyrmex.Networking.Cli.Parsing;

/// <summary>Options that belong together in a text of help.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Options">The options.</param>
internal sealed record OptionGroup(string Title, Option[] Options);

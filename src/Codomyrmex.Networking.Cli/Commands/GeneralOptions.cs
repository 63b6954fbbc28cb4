using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The options of every command.</summary>
internal static class GeneralOptions
{
    public static readonly Option Json = new("--json", null, "one JSON document on standard output, one a line where several come, and nothing else there");
    public static readonly Option Quiet = new("--quiet", null, "say nothing beside the answer") { Short = "-q" };
    public static readonly Option Verbose = new("--verbose", null, "tell more on standard error") { Short = "-v" };
    public static readonly Option Trace = new("--trace", null, "show every phase with its time on standard error");
    public static readonly Option NoColour = new("--no-color", null, "no colour; the variable NO_COLOR does the same");
    public static readonly Option Help = new("--help", null, "this text") { Short = "-h" };

    public static readonly OptionGroup Plain = new("Output", [Json, Quiet, NoColour, Help]);
    public static readonly OptionGroup Group = new("Output", [Json, Quiet, Verbose, Trace, NoColour, Help]);
}

using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>One run of a command: what was asked, and where answers go.</summary>
internal sealed class Invocation(Command command, ParsedArguments arguments, CommandContext context)
{
    public Command Command { get; } = command;

    public ParsedArguments Arguments { get; } = arguments;

    public CommandContext Context { get; } = context;

    public bool IsJson { get; } = arguments.Has(GeneralOptions.Json);

    public bool IsQuiet { get; } = arguments.Has(GeneralOptions.Quiet);

    public bool IsVerbose { get; } = arguments.Has(GeneralOptions.Verbose);

    public bool IsTrace { get; } = arguments.Has(GeneralOptions.Trace);

    /// <summary>Text for people on standard output.</summary>
    public TextOutput Out => field ??= new TextOutput(Context.Out, HasColour(Context, Context.IsOutTerminal, Arguments.Has(GeneralOptions.NoColour)));

    /// <summary>Text for people on standard error: what is told beside the answer.</summary>
    public TextOutput Error => field ??= new TextOutput(Context.Error, HasColour(Context, Context.IsErrorTerminal, Arguments.Has(GeneralOptions.NoColour)));

    /// <summary>What has been done so far, for whoever interrupts.</summary>
    public Func<string>? Progress { get; set; }

    /// <summary>Colour only on a terminal that has it, and only where nobody minds (no-color.org).</summary>
    public static bool HasColour(CommandContext context, bool isTerminal, bool isRefused) =>
        isTerminal && !isRefused && string.IsNullOrEmpty(context.Environment("NO_COLOR")) && context.Environment("TERM") != "dumb";

    /// <summary>The same run for work that ends with a token of its own, where nobody is there to be asked.</summary>
    public Invocation Until(CancellationToken stop) => new(Command, Arguments, Context.Until(stop));
}

using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;

namespace Codomyrmex.Networking.Cli;

/// <summary>From the arguments to the exit code.</summary>
internal static class Application
{
    private const string Help = "help";

    private static readonly Option Version = new("--version", null, "which release this is");

    // What may stand before the command's name.
    private static readonly OptionGroup[] Leading =
    [
        GeneralOptions.Group, ConnectionOptions.Time, ConnectionOptions.Way, ConnectionOptions.Permission, ConnectionOptions.Tls,
        new("", [Version]),
    ];

    public static Task<int> RunAsync(string[] arguments, CommandContext context) => RunAsync(arguments, context, CommandTable.All);

    public static async Task<int> RunAsync(string[] arguments, CommandContext context, CommandSet commands)
    {
        Invocation? run = null;
        Command? command = null;
        try
        {
            var at = IndexOfCommand(arguments);
            while (at >= 0 && arguments[at] == Help)
            {
                // "help CMD" is what "CMD --help" is.
                arguments = [GeneralOptions.Help.Name, .. arguments[..at], .. arguments[(at + 1)..]];
                at = IndexOfCommand(arguments);
            }
            if (at < 0)
                return RunWithout(arguments, context, commands);
            command = commands.Find(arguments[at]) ?? throw Unknown(arguments[at], commands);
            var parsed = ArgumentParser.Parse(arguments.Where((_, i) => i != at), command.Groups);
            run = new Invocation(command, parsed, context);
            if (parsed.Has(GeneralOptions.Help))
            {
                HelpText.Write(run.Out, command);
                return ExitCodes.Done;
            }
            CheckPositionals(command, parsed.Positionals);
            return await command.RunAsync(run);
        }
        catch (OutputClosedException)
        {
            return ExitCodes.Done;
        }
        catch (Exception error)
        {
            return Report(error, run, command, arguments, context, commands.Program);
        }
    }

    private static int RunWithout(string[] arguments, CommandContext context, CommandSet commands)
    {
        var parsed = ArgumentParser.Parse(arguments, Leading);
        var output = new TextOutput(context.Out, Invocation.HasColour(context, context.IsOutTerminal, parsed.Has(GeneralOptions.NoColour)));
        if (parsed.Has(Version))
        {
            if (parsed.Has(GeneralOptions.Json))
                JsonOutput.Write(context.Out, writer => writer.WriteString("version", Release.Version));
            else
                output.Line($"{commands.Program} " + Release.Version).Flush();
            return ExitCodes.Done;
        }
        if (!parsed.Has(GeneralOptions.Help))
            throw new UsageException("A command is missing; there are " + string.Join(", ", commands.Names) + ".");
        HelpText.WriteOverview(output, commands);
        return ExitCodes.Done;
    }

    private static int IndexOfCommand(string[] arguments)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            if (!ArgumentParser.IsOption(arguments[i]))
                return i;
            if (arguments[i] == "--")
                return i + 1 < arguments.Length ? i + 1 : -1;
            var takesNext = ArgumentParser.Find(arguments[i], Leading) is { Value: not null } && !arguments[i].Contains('=', StringComparison.Ordinal);
            i += takesNext ? 1 : 0;
        }
        return -1;
    }

    private static void CheckPositionals(Command command, IReadOnlyList<string> positionals)
    {
        if (positionals.Count < command.LeastPositionals)
        {
            if (positionals.Count > 0 && command.Choices.Length > 0 && !command.Choices.Contains(positionals[0]))
                throw new UsageException($"{command.Name} does not {positionals[0]}{Suggestion.Instead(positionals[0], command.Choices)}", positionals[0]);
            var missing = Missing(command, positionals);
            throw new UsageException($"{string.Join(' ', [command.Name, .. positionals])} needs {missing}; usage: {command.Usage}.", missing);
        }
        for (var i = 0; i < command.LeastPositionals; i++)
        {
            if (positionals[i].Length == 0)
                throw new UsageException($"{command.Name}: {Missing(command, positionals.Take(i).ToList())} is empty; usage: {command.Usage}.", "");
        }
        if (positionals.Count <= command.MostPositionals)
            return;
        var extra = positionals[command.MostPositionals];
        throw new UsageException($"{command.Name} does not take '{extra}'; usage: {command.Usage}.", extra);
    }

    /// <summary>The first word of the usage that is not there yet.</summary>
    private static string Missing(Command command, IReadOnlyList<string> positionals)
    {
        if (positionals.Count == 0 && command.Choices.Length > 0)
            return string.Join('|', command.Choices);
        var ways = command.Arguments.Split(" | ");
        var way = ways.FirstOrDefault(way => positionals.Count > 0 && way.StartsWith(positionals[0] + " ", StringComparison.Ordinal)) ?? ways[0];
        return way.Split(' ')[positionals.Count];
    }

    private static UsageException Unknown(string name, CommandSet commands) =>
        new($"There is no command '{name}'{Suggestion.Instead(name, [.. commands.Names, Help])}", name);

    private static int Report(Exception error, Invocation? run, Command? command, string[] arguments, CommandContext context, string program)
    {
        error = Told(error, run, program);
        var isJson = run?.IsJson ?? arguments.TakeWhile(argument => argument != "--").Contains(GeneralOptions.Json.Name);
        try
        {
            if (isJson)
            {
                JsonOutput.Write(context.Out, writer => writer.WriteError(error));
            }
            else
            {
                var isColourRefused = arguments.Contains(GeneralOptions.NoColour.Name);
                var output = run?.Error ?? new TextOutput(context.Error, Invocation.HasColour(context, context.IsErrorTerminal, isColourRefused));
                ErrorText.Write(output, error, run?.IsQuiet ?? false, run?.IsVerbose == true || run?.IsTrace == true, program);
                if (error is UsageException)
                    output.Write("  hint: ", Style.Dim).Line($"{program} {(command is null ? "" : command.Name + " ")}--help").Flush();
            }
        }
        catch (OutputClosedException)
        {
            // Nobody is left to be told; the exit code says it.
        }
        return error switch
        {
            UsageException => ExitCodes.Usage,
            NetworkException network => ExitCodes.Of(network),
            OperationCanceledException => ExitCodes.Interrupted,
            _ => ExitCodes.Defect,
        };
    }

    /// <summary>The failure in words for users: what an interruption left undone, and that a defect is one.</summary>
    private static Exception Told(Exception error, Invocation? run, string program) => error switch
    {
        OperationCanceledException => new OperationCanceledException(run?.Progress is { } done ? $"Interrupted; {done()}." : "Interrupted."),
        UsageException or NetworkException => error,
        _ => new InvalidOperationException($"This is a defect of {program}: {error.GetType().Name}: {error.Message}", error),
    };
}

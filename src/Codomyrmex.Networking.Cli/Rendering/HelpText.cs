using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Help, made from the tables of options.</summary>
internal static class HelpText
{
    public static void WriteOverview(TextOutput output, CommandSet commands)
    {
        output.Write(commands.Program, Style.Bold).Line($" – {commands.Summary}").Line();
        output.Line($"usage: {commands.Program} COMMAND [ARGUMENT…] [OPTION…]").Line();
        var table = new Table("  ");
        foreach (var name in commands.Names)
        {
            var command = commands.Find(name)!;
            table.Row((name, Style.Cyan), (command.Summary, Style.Plain));
        }
        table.WriteTo(output);
        output.Line().Line($"{commands.Program} COMMAND --help, or {commands.Program} help COMMAND, tells the rest; {commands.Program} --version, which release this is.");
        output.Line("Exit codes: 0 done, 64 usage, 70 to 80 one for each kind of network failure, 130 interrupted.").Flush();
    }

    public static void Write(TextOutput output, Command command)
    {
        output.Write("usage: ", Style.Dim).Line(command.Usage, Style.Bold).Line();
        output.Line(Sentence(command.Summary));
        foreach (var detail in command.Details)
        {
            output.Line();
            foreach (var line in Wrap(detail, 100))
                output.Line(line);
        }
        foreach (var group in command.Groups)
        {
            output.Line().Line(group.Title, Style.Bold);
            var table = new Table("  ");
            foreach (var option in group.Options)
                table.Row((Left(option), Style.Cyan), (option.IsRepeatable ? option.Help + " (repeatable)" : option.Help, Style.Plain));
            table.WriteTo(output);
        }
        if (command.Examples.Length > 0)
            output.Line().Line("Examples", Style.Bold);
        foreach (var example in command.Examples)
            output.Line($"  {command.Program} {example}");
        output.Flush();
    }

    /// <summary>An option as a table of help names it: <c>-o, --output FILE</c>.</summary>
    public static string Left(Option option) =>
        (option.Short is null ? "" : option.Short + ", ") + option.Name + (option.Value is null ? "" : " " + option.Value);

    private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..] + ".";

    private static IEnumerable<string> Wrap(string text, int width)
    {
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = word;
            }
            else
            {
                line = line.Length == 0 ? word : line + " " + word;
            }
        }
        yield return line;
    }
}

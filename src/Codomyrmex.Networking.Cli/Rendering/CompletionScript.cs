using System.Text;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Completion scripts, made from the tables of commands and options.</summary>
internal static class CompletionScript
{
    public static string Bash(IReadOnlyList<Command> commands)
    {
        var text = new StringBuilder("""
            # codonet completion bash
            _codonet() {
                local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= i
                for ((i = 1; i < COMP_CWORD; i++)); do
                    [[ ${COMP_WORDS[i]} != -* ]] && { command=${COMP_WORDS[i]}; break; }
                done
                case $before in

            """.ReplaceLineEndings("\n"));
        foreach (var option in Options(commands).Where(option => option.Value is not null))
        {
            var words = option.Choices.Length > 0 ? $"-W '{string.Join(' ', option.Choices)}' " : "";
            text.Append($"        {Names(option)}) COMPREPLY=($(compgen {words}{(option.IsFile ? "-f " : "")}-- \"$word\")); return ;;\n");
        }
        text.Append("    esac\n    local words=\n    case $command in\n");
        text.Append($"        '') words='{string.Join(' ', commands.Select(command => command.Name))} help --help --version' ;;\n");
        text.Append($"        help) words='{string.Join(' ', commands.Select(command => command.Name))}' ;;\n");
        foreach (var command in commands)
            text.Append($"        {command.Name}) words='{string.Join(' ', [.. command.Choices, .. Options([command]).Select(option => option.Name)])}' ;;\n");
        return text.Append("    esac\n    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\ncomplete -o default -F _codonet codonet\n").ToString();
    }

    public static string Zsh(IReadOnlyList<Command> commands)
    {
        var text = new StringBuilder("#compdef codonet\n_codonet() {\n    local -a commands\n    commands=(\n");
        foreach (var command in commands)
            text.Append($"        '{command.Name}:{Quoted(command.Summary)}'\n");
        text.Append("        'help:show the help of a command'\n    )\n    if (( CURRENT == 2 )); then\n        _describe command commands\n        return\n    fi\n    case ${words[2]} in\n");
        foreach (var command in commands)
        {
            text.Append($"        {command.Name})\n            _arguments -S");
            foreach (var option in Options([command]))
                text.Append($" \\\n                {ZshOption(option)}");
            text.Append(command.Choices.Length > 0 ? $" \\\n                '2:what:({string.Join(' ', command.Choices)})'" : " \\\n                '*:argument:_files'");
            text.Append("\n            ;;\n");
        }
        text.Append($"        help)\n            _arguments '2:command:({string.Join(' ', commands.Select(command => command.Name))})'\n            ;;\n");
        return text.Append("    esac\n}\ncompdef _codonet codonet\n").ToString();
    }

    public static string Fish(IReadOnlyList<Command> commands)
    {
        var text = new StringBuilder("# codonet completion fish\ncomplete -c codonet -n __fish_use_subcommand -l help -l version\ncomplete -c codonet -f -n __fish_use_subcommand -a help -d 'show the help of a command'\n");
        text.Append($"complete -c codonet -f -n '__fish_seen_subcommand_from help' -a '{string.Join(' ', commands.Select(command => command.Name))}'\n");
        foreach (var command in commands)
        {
            text.Append($"complete -c codonet -f -n __fish_use_subcommand -a {command.Name} -d '{Quoted(command.Summary)}'\n");
            var seen = $"-n '__fish_seen_subcommand_from {command.Name}'";
            foreach (var option in Options([command]))
                text.Append($"complete -c codonet {seen}{FishOption(option)} -d '{Quoted(option.Help)}'\n");
            if (command.Choices.Length > 0)
                text.Append($"complete -c codonet -f {seen} -a '{string.Join(' ', command.Choices)}'\n");
        }
        return text.ToString();
    }

    private static string ZshOption(Option option)
    {
        var help = Quoted(option.Help).Replace("[", "\\[", StringComparison.Ordinal).Replace("]", "\\]", StringComparison.Ordinal);
        var name = option.Value is null || !option.Name.StartsWith("--", StringComparison.Ordinal) ? option.Name : option.Name + "=";
        var action = option.Choices.Length > 0 ? $"({string.Join(' ', option.Choices)})" : option.IsFile ? "_files" : "";
        var value = option.Value is null ? "" : $":{option.Value.Replace(":", "\\:", StringComparison.Ordinal)}:{action}";
        return $"'{(option.IsRepeatable ? "*" : "")}{name}[{help}]{value}'";
    }

    private static string FishOption(Option option)
    {
        var name = option.Name.StartsWith("--", StringComparison.Ordinal) ? $" -l {option.Name[2..]}" : $" -s {option.Name[1..]}";
        var alias = option.Short is null ? "" : $" -s {option.Short[1..]}";
        var words = option.Choices.Length > 0 ? $" -a '{string.Join(' ', option.Choices)}'" : "";
        return name + alias + (option.Value is null ? "" : option.IsFile ? " -r" : " -x") + words;
    }

    private static string Names(Option option) => option.Short is null ? option.Name : $"{option.Short}|{option.Name}";

    private static string Quoted(string text) => text.Replace("'", "’", StringComparison.Ordinal);

    private static IEnumerable<Option> Options(IEnumerable<Command> commands) =>
        commands.SelectMany(command => command.Groups).SelectMany(group => group.Options).DistinctBy(option => option.Name);
}

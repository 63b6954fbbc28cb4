using Codomyrmex.Networking.Cli.Rendering;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary><c>completion</c>: a script that teaches a shell this command line.</summary>
internal static class CompletionCommand
{
    private static readonly string[] Shells = ["bash", "zsh", "fish"];

    public static Command Make() => new("completion", "bash|zsh|fish", "print a script that completes this command line in a shell", [GeneralOptions.Plain], RunAsync)
    {
        LeastPositionals = 1,
        MostPositionals = 1,
        Choices = Shells,
        Examples =
        [
            "completion bash > ~/.local/share/bash-completion/completions/codonet", "completion zsh > ~/.zsh/functions/_codonet",
            "completion fish > ~/.config/fish/completions/codonet.fish",
        ],
    };

    private static Task<int> RunAsync(Invocation run)
    {
        var shell = run.Arguments.Positionals[0];
        var commands = CommandTable.Names.Select(name => CommandTable.Find(name)!).ToList();
        var script = shell switch
        {
            "bash" => CompletionScript.Bash(commands),
            "zsh" => CompletionScript.Zsh(commands),
            "fish" => CompletionScript.Fish(commands),
            _ => throw new UsageException($"'{shell}' is no shell that completion knows; there are {string.Join(", ", Shells)}.", shell),
        };
        if (run.IsJson)
            JsonOutput.Write(run.Context.Out, writer => writer.WriteString("script", script));
        else
            run.Out.WriteLines(script).Flush();
        return Task.FromResult(ExitCodes.Done);
    }
}

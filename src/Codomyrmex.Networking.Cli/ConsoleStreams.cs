#pragma warning disable RS0030 // The one file that touches the console.
namespace Codomyrmex.Networking.Cli;

/// <summary>The process's console. Nothing is opened before it is asked for.</summary>
internal static class ConsoleStreams
{
    /// <summary>Makes the context of a real run.</summary>
    /// <param name="interrupted">Ctrl-C.</param>
    public static CommandContext Context(CancellationToken interrupted) => new()
    {
        Out = OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : new DescriptorStream(1),
        Error = OperatingSystem.IsWindows() ? Console.OpenStandardError() : new DescriptorStream(2),
        OpenInput = () => OperatingSystem.IsWindows() ? Console.OpenStandardInput() : new DescriptorStream(0),
        IsOutTerminal = !Console.IsOutputRedirected,
        IsErrorTerminal = !Console.IsErrorRedirected,
        Width = static () => Console.IsOutputRedirected ? 100 : Math.Clamp(Console.WindowWidth, 40, 200),
        Environment = System.Environment.GetEnvironmentVariable,
        AskSecret = AskSecret,
        Interrupted = interrupted,
    };

    private static string? AskSecret(string prompt)
    {
        if (Console.IsInputRedirected || Console.IsErrorRedirected)
            return null;
        // Else Ctrl-C would end the run, but not this wait.
        Console.TreatControlCAsInput = true;
        Console.Error.Write(prompt);
        var secret = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key is { Key: ConsoleKey.C, Modifiers: ConsoleModifiers.Control })
            {
                Console.TreatControlCAsInput = false;
                Console.Error.WriteLine();
                throw new OperationCanceledException();
            }
            if (key.Key == ConsoleKey.Backspace)
                secret.Length = Math.Max(0, secret.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                secret.Append(key.KeyChar);
        }
        Console.TreatControlCAsInput = false;
        Console.Error.WriteLine();
        return secret.ToString();
    }
}

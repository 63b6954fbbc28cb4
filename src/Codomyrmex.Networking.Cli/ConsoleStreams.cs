#pragma warning disable RS0030 // The one file that touches the console.
using Microsoft.Win32.SafeHandles;

namespace Codomyrmex.Networking.Cli;

/// <summary>The process's console. Nothing is opened before it is asked for.</summary>
internal static class ConsoleStreams
{
    /// <summary>Makes the context of a real run.</summary>
    /// <param name="interrupted">Ctrl-C.</param>
    public static CommandContext Context(CancellationToken interrupted) => new()
    {
        Out = new LazyStream(OpenOutput),
        Error = new LazyStream(Console.OpenStandardError),
        OpenInput = Console.OpenStandardInput,
        IsOutTerminal = !Console.IsOutputRedirected,
        IsErrorTerminal = !Console.IsErrorRedirected,
        Width = static () => Console.IsOutputRedirected ? 100 : Math.Clamp(Console.WindowWidth, 40, 200),
        Environment = System.Environment.GetEnvironmentVariable,
        AskSecret = AskSecret,
        Interrupted = interrupted,
    };

    /// <summary>
    /// Standard output. The console's own stream ignores that a pipe's reader has left, so that an endless answer would be read for
    /// nobody; a file stream reports it. It must not be used for files, whose position other processes may share.
    /// </summary>
    private static Stream OpenOutput()
    {
        if (!Console.IsOutputRedirected || OperatingSystem.IsWindows())
            return Console.OpenStandardOutput();
        try
        {
            var pipe = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return pipe.CanSeek ? Console.OpenStandardOutput() : pipe;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Console.OpenStandardOutput();
        }
    }

    private static string? AskSecret(string prompt)
    {
        if (Console.IsInputRedirected || Console.IsErrorRedirected)
            return null;
        Console.Error.Write(prompt);
        var secret = new System.Text.StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key == ConsoleKey.Backspace)
                secret.Length = Math.Max(0, secret.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                secret.Append(key.KeyChar);
        }
        Console.Error.WriteLine();
        return secret.ToString();
    }
}

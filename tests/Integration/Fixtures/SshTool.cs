using System.Diagnostics;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>Runs a program of OpenSSH's or PuTTY's to its end.</summary>
internal static class SshTool
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Standard output of a run that must succeed.</summary>
    public static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var (exitCode, output, error) = await TryAsync(program, [], arguments);
        return exitCode == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {exitCode}: {output}{error}");
    }

    /// <summary>Whatever comes of a run.</summary>
    /// <param name="program">Its name in /usr/bin.</param>
    /// <param name="environment">Variables to set.</param>
    /// <param name="arguments">Its arguments.</param>
    public static async Task<(int ExitCode, string Output, string Error)> TryAsync(string program, (string Name, string Value)[] environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("/usr/bin/" + program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(Token);
        var error = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(60), Token);
        return (process.ExitCode, await output, await error);
    }
}

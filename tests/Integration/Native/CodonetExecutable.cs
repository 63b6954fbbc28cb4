using System.Diagnostics;
using System.Text.Json;

namespace Codomyrmex.Networking.Tests.Integration.Native;

/// <summary>The command line as users get it: the native executable that <c>./dev build</c> makes.</summary>
internal static class CodonetExecutable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static string Path { get; } = Find();

    /// <summary>Runs it and waits for its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(Path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true },
        };
        process.Start();
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"codonet {string.Join(' ', arguments)} did not end within {Patience.TotalSeconds} s.");
        }
    }

    /// <summary>Runs it with <c>--json</c> and reads its one document.</summary>
    public static async Task<(int ExitCode, JsonElement Document)> RunJsonAsync(params string[] arguments)
    {
        var (exitCode, output, _) = await RunAsync([.. arguments, "--json"]);
        return (exitCode, JsonDocument.Parse(output).RootElement);
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "dev")))
            folder = folder.Parent;
        var path = System.IO.Path.Combine(folder?.FullName ?? "", "artifacts", "codonet");
        return File.Exists(path) ? path : throw new FileNotFoundException($"There is no {path}; ./dev build makes it.");
    }
}

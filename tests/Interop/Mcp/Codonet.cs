using System.Diagnostics;
using System.Text.Json;

namespace Codomyrmex.Networking.Tests.Interop.Mcp;

/// <summary>The command line: the native executable of <c>./dev build</c> where it is not older than the one that was built with these tests.</summary>
internal static class Codonet
{
    public static string Path { get; } = Find();

    /// <summary>Serves the protocol over HTTP, on a free port.</summary>
    public static async Task<(Process Server, string Url)> ServeAsync(IDictionary<string, string?>? environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path, ["mcp", "--http", "0", "--json", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        var server = Process.Start(start)!;
        var line = await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        return line is not null ? (server, JsonElement.Parse(line).GetProperty("url").GetString()!) : throw new InvalidOperationException(await server.StandardError.ReadToEndAsync());
    }

    /// <summary>Runs it with an input, and returns what it wrote.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await errors);
    }

    private static string Find()
    {
        var built = System.IO.Path.Combine(AppContext.BaseDirectory, "codonet");
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "dev")))
            folder = folder.Parent;
        var native = System.IO.Path.Combine(folder?.FullName ?? "", "artifacts", "codonet");
        return File.Exists(native) && File.GetLastWriteTimeUtc(native) >= File.GetLastWriteTimeUtc(System.IO.Path.ChangeExtension(built, ".dll")) ? native : built;
    }
}

using System.Diagnostics;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>Servers and programs that npm has, as <c>./dev setup</c> installs them into <c>artifacts/npm</c>.</summary>
internal static class NodeServers
{
    private static readonly string Root = FindRoot();

    public static string Node { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/bin").Select(folder => Path.Combine(folder, "node"))
        .FirstOrDefault(File.Exists) ?? "/usr/bin/node";

    /// <summary>The file of an installed package.</summary>
    public static string Module(string path) => Path.Combine(Root, "artifacts", "npm", "node_modules", path);

    /// <summary>A script of <c>tests/Integration/Fixtures/npm</c>.</summary>
    public static string Script(string name) => Path.Combine(Root, "tests", "Integration", "Fixtures", "npm", name);

    /// <summary>Runs a script of <c>tests/Integration/Fixtures/npm</c> on the packages, gives it text, and returns what it prints.</summary>
    public static async Task<string> RunAsync(string script, string input, CancellationToken cancellationToken)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo(Node, [Script(script), Module("package.json")]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        process.Start();
        await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{script} ended with {process.ExitCode}:\n{await errors}");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "dev")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The repository's folder was not found.");
    }
}

using System.Diagnostics;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>A process of ours that does one thing, to be run several times over, or killed. It is built with this suite, into a folder of its own.</summary>
internal static class TestProcess
{
    private static readonly string Program = Path.Combine(
        AppContext.BaseDirectory.Replace($"{Path.DirectorySeparatorChar}Integration{Path.DirectorySeparatorChar}", $"{Path.DirectorySeparatorChar}TestProcess{Path.DirectorySeparatorChar}", StringComparison.Ordinal),
        "Codomyrmex.Networking.TestProcess");

    public static Process Start(params string[] arguments)
    {
        var process = new Process { StartInfo = new ProcessStartInfo(Program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true } };
        process.Start();
        return process;
    }

    /// <summary>Ends it as a crash would.</summary>
    public static async Task KillAsync(Process process, CancellationToken cancellationToken)
    {
        process.Kill();
        await process.WaitForExitAsync(cancellationToken);
    }
}

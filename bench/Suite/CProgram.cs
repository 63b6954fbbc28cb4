using System.Diagnostics;

namespace Codomyrmex.Networking.Benchmarks.Suite;

/// <summary>Programs in C that stand beside the suites.</summary>
internal static class CProgram
{
    /// <summary>Compiles <c>bench/FOLDER/NAME.c</c>; the path of the program.</summary>
    public static async Task<string> CompileAsync(string folder, string name)
    {
        var output = Path.Combine(Repository.Root, "artifacts", "bench", name);
        Directory.CreateDirectory(Path.GetDirectoryName(output)!);
        using var compiler = Process.Start("gcc", ["-O2", "-pthread", "-o", output, Path.Combine(Repository.Root, "bench", folder, name + ".c")]);
        await compiler.WaitForExitAsync();
        return compiler.ExitCode == 0 ? output : throw new InvalidOperationException($"gcc could not compile {name}.c.");
    }
}

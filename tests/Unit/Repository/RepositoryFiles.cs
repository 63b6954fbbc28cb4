namespace Codomyrmex.Networking.Tests.Unit.Repository;

/// <summary>The repository that the tests were built from, as files.</summary>
internal static class RepositoryFiles
{
    private static readonly string[] Generated = ["bin", "obj", "artifacts", ".git", ".vs", ".idea", "TestResults", "BenchmarkDotNet.Artifacts"];

    /// <summary>The root: the nearest folder above the test executable that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every file below a folder that a person or <c>./dev</c> wrote, as paths from the root with forward slashes.</summary>
    /// <param name="folder">A folder from the root; empty for all.</param>
    /// <param name="extension">The ending, for example <c>.cs</c>; empty for all.</param>
    public static IEnumerable<string> Under(string folder, string extension = "")
    {
        var pending = new Stack<DirectoryInfo>([new DirectoryInfo(Path.Combine(Root, folder))]);
        while (pending.TryPop(out var directory))
        {
            if (!directory.Exists)
                continue;
            foreach (var child in directory.EnumerateDirectories().Where(child => !Generated.Contains(child.Name)))
                pending.Push(child);
            foreach (var file in directory.EnumerateFiles().Where(file => file.Name.EndsWith(extension, StringComparison.Ordinal) && !Generated.Contains(file.Name)))
                yield return Path.GetRelativePath(Root, file.FullName).Replace('\\', '/');
        }
    }

    /// <summary>The text of a file, with line feeds only.</summary>
    public static string Read(string path) => File.ReadAllText(Full(path)).ReplaceLineEndings("\n");

    /// <summary>Replaces a file.</summary>
    public static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Full(path))!);
        File.WriteAllText(Full(path), text);
    }

    /// <summary>Whether a file or folder is there.</summary>
    public static bool Exists(string path) => Path.Exists(Full(path));

    private static string Full(string path) => Path.Combine(Root, path);

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Codomyrmex.Networking.slnx")))
                return directory.FullName;
        }
        throw new InvalidOperationException("The tests run from within the repository: no folder above them holds the solution.");
    }
}

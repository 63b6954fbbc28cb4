namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>The committed inputs.</summary>
internal static class Seeds
{
    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The seeds of a target, in the order of their names.</summary>
    public static IReadOnlyList<byte[]> Of(FuzzTarget target)
    {
        var folder = Path.Combine(Root, "tests", "Fuzz", "seeds", target.Name);
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)]
            : [];
    }

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

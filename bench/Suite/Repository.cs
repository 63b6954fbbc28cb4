namespace Codomyrmex.Networking.Benchmarks.Suite;

/// <summary>Where the suite was built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Codomyrmex.Networking.slnx")))
                return directory.FullName;
        }
        throw new InvalidOperationException("The benchmarks run from within the repository.");
    }
}

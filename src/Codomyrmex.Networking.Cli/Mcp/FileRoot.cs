namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>The one folder that models may name files in.</summary>
internal sealed class FileRoot
{
    public FileRoot(string path)
    {
        Path = System.IO.Path.GetFullPath(path);
        if (!Directory.Exists(Path))
            throw new IOException($"There is no folder '{path}'.");
    }

    public string Path { get; }

    /// <summary>The full path of a file below the folder.</summary>
    /// <exception cref="UsageException">The name leads, or could lead, out of it.</exception>
    public string Resolve(string name)
    {
        var parts = name.Split('/');
        if (name.Length is 0 or > 1024 || name.Any(static c => char.IsControl(c) || c is '\\' or ':') || parts.Any(static part => part is "" or "." or ".."))
            throw new UsageException("A local file is named by its path below the operator's folder, such as reports/today.txt: no leading slash, no '..'.", "local");
        var path = Path;
        foreach (var part in parts)
        {
            path = System.IO.Path.Combine(path, part);
            // A link may lead anywhere, and may have been made by an earlier call.
            if (new FileInfo(path).LinkTarget is not null || new DirectoryInfo(path).LinkTarget is not null)
                throw new UsageException($"'{name}' leads over a link, which may lead out of the operator's folder.", "local");
        }
        return path;
    }
}

using System.Text;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Files of configuration on the disk, and those that they include.</summary>
internal sealed class ConfigIncludes
{
    private const int LargestFile = 4 * 1024 * 1024;
    private const string SystemFolder = "/etc/ssh";
    private static readonly char[] Wildcards = ['*', '?', '['];

    public async Task<ConfigSource> ReadAsync(string path, CancellationToken cancellationToken)
    {
        var full = HomePath.Expand(path);
        DemandSize(full);
        return ConfigText.Parse(await File.ReadAllTextAsync(full, cancellationToken).ConfigureAwait(false), path);
    }

    /// <summary>The files that an <c>Include</c> means, in the order of their names. Relative ones lie where the user's or the system's configuration does.</summary>
    /// <param name="pattern">A path, perhaps with wildcards in its last part.</param>
    /// <param name="from">The file it stands in.</param>
    public IReadOnlyList<ConfigSource> Find(string pattern, string from)
    {
        var path = HomePath.Expand(pattern);
        if (!Path.IsPathRooted(path))
            path = Path.Join(from.StartsWith(SystemFolder + "/", StringComparison.Ordinal) ? SystemFolder : HomePath.Expand("~/.ssh"), path);
        var folder = Path.GetDirectoryName(path) ?? "/";
        var name = Path.GetFileName(path);
        if (name.IndexOfAny(Wildcards) < 0)
            return File.Exists(path) ? [Read(path)] : [];
        if (name.Contains('[', StringComparison.Ordinal) || folder.IndexOfAny(Wildcards) >= 0)
            throw new FormatException($"{from}: Include {Printable.Text(pattern)}: '*' and '?' are understood, in the last part of a path.");
        if (!Directory.Exists(folder))
            return [];
        return [.. Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)!)
            .Where(file => NamePattern.Matches(name, file) && (file[0] != '.' || name[0] == '.'))
            .Order(StringComparer.Ordinal).Select(file => Read(Path.Join(folder, file)))];
    }

    private static ConfigSource Read(string path)
    {
        DemandSize(path);
        return ConfigText.Parse(File.ReadAllText(path, Encoding.UTF8), path);
    }

    private static void DemandSize(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: > LargestFile })
            throw new IOException($"'{path}' is larger than {LargestFile / 1024 / 1024} MiB.");
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>Where a file shall appear, and the names of what lies beside it until then.</summary>
internal sealed class TargetFile
{
    public const string JournalSuffix = ".codonet-resume";
    public const string PartSuffix = ".part";
    private const int LongestStem = 200;

    private readonly string _stem;

    private TargetFile(string folder, string name)
    {
        Folder = folder;
        Name = name;
        Path = System.IO.Path.Combine(folder, name);
        _stem = Encoding.UTF8.GetByteCount(name) <= LongestStem ? name : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
    }

    public string Folder { get; }

    public string Name { get; }

    public string Path { get; }

    public string JournalPath => System.IO.Path.Combine(Folder, _stem + JournalSuffix);

    /// <summary>Whether a path names a folder: the remote side then suggests the file's name.</summary>
    public static bool IsFolder(string path) => System.IO.Path.EndsInDirectorySeparator(path) || Directory.Exists(path);

    public static TargetFile Of(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        return InFolder(System.IO.Path.GetDirectoryName(full)!, System.IO.Path.GetFileName(full));
    }

    public static TargetFile InFolder(string folder, string name)
    {
        folder = System.IO.Path.GetFullPath(folder);
        return Directory.Exists(folder) ? new TargetFile(folder, name) : throw TransferFailure.Local($"There is no folder '{folder}'.", hint: "Make the folder first, or name another.");
    }

    public string FreshTemporary() =>
        string.Create(CultureInfo.InvariantCulture, $"{_stem}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}{PartSuffix}");

    /// <summary>Whether a name is one that <see cref="FreshTemporary"/> makes.</summary>
    public bool IsTemporary(string name)
    {
        var random = name.AsSpan();
        if (!random.StartsWith(_stem + ".", StringComparison.Ordinal) || !random.EndsWith(PartSuffix, StringComparison.Ordinal))
            return false;
        random = random[(_stem.Length + 1)..];
        return random.Length == 16 + PartSuffix.Length && random[..16].IndexOfAnyExcept("0123456789abcdef") < 0;
    }

    /// <summary>Throws where something has the name already that may not be replaced.</summary>
    public void DemandFree(bool overwrite)
    {
        // Devices, pipes and links, which a rename would do away with.
        if (FileFacts.Of(Path) is { IsRegular: false })
            throw TransferFailure.Local($"'{Path}' is no ordinary file, and is not replaced.");
        if (!overwrite && System.IO.Path.Exists(Path))
            throw TransferFailure.Exists(Path);
    }
}

using System.Text;
using Codomyrmex.Networking.Ssh.Protocol;
using Codomyrmex.Networking.Transfers.Internal;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>A <c>known_hosts</c> file on the disk: read whole, added to under a lock.</summary>
internal static class KnownHostsFile
{
    private const int LargestFile = 16 * 1024 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The lines of all files, in order; none of a file that does not exist.</summary>
    /// <exception cref="IOException">A file is there, and cannot be read.</exception>
    public static IReadOnlyList<KnownHostsLine> ReadAll(IEnumerable<string> paths)
    {
        var lines = new List<KnownHostsLine>();
        foreach (var path in paths)
        {
            try
            {
                using var stream = new FileStream(HomePath.Expand(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                lines.AddRange(KnownHostsText.Parse(ReadText(stream, path), path));
            }
            catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
            {
            }
        }
        return lines;
    }

    /// <summary>
    /// Adds what a decision on the file as it is now says, if anything: nobody else of this library adds in between, and what is written is one line in one write at
    /// the end. A new file is its owner's alone from the start.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="decide">Gets the file's lines and gives the line to add, or null.</param>
    public static void Append(string path, Func<IReadOnlyList<KnownHostsLine>, string?> decide)
    {
        var full = Path.GetFullPath(HomePath.Expand(path));
        var folder = Path.GetDirectoryName(full)!;
        if (!Directory.Exists(folder))
            CreateFolder(folder);
        var target = File.Exists(full) ? File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full : full;
        if (FileFacts.Of(target) is { IsRegular: false })
            throw new IOException($"'{path}' is no ordinary file: nothing can be remembered in it.");
        using var turn = FolderLock.Take(folder);
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using var stream = new FileStream(full, options);
        var text = ReadText(stream, path);
        if (decide(KnownHostsText.Parse(text, path)) is not { } line)
            return;
        var isLineOpen = text.Length > 0 && text[^1] != '\n';
        stream.Seek(0, SeekOrigin.End);
        stream.Write(Encoding.UTF8.GetBytes($"{(isLineOpen ? "\n" : "")}{line}\n"));
        stream.Flush(flushToDisk: true);
    }

    /// <summary>
    /// Puts another text in the place of the file's, in one step: whoever reads sees the old one or the new one, also after a crash. Nobody else of this library writes in between. Rights stay as they are.
    /// </summary>
    /// <param name="path">The file; it exists.</param>
    /// <param name="change">Gets the text and gives the new one, or the same.</param>
    public static void Rewrite(string path, Func<string, string> change)
    {
        var full = Path.GetFullPath(HomePath.Expand(path));
        using var turn = FolderLock.Take(Path.GetDirectoryName(full)!);
        var target = File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
        if (FileFacts.Of(target) is not { IsRegular: true })
            throw new IOException($"'{path}' is no ordinary file: it is not replaced.");
        var before = File.ReadAllBytes(target);
        var text = Encoding.UTF8.GetString(before);
        // What is no text would not come out as it was.
        if (before.Length > LargestFile || !Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(before))
            throw new IOException($"'{path}' is no text that could be changed.");
        var after = change(text);
        if (after == text)
            return;
        var temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        try
        {
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(Encoding.UTF8.GetBytes(after));
                if (!OperatingSystem.IsWindows())
                    File.SetUnixFileMode(stream.SafeFileHandle, File.GetUnixFileMode(target));
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
        Durable.SyncFolder(Path.GetDirectoryName(target)!);
    }

    private static string ReadText(FileStream stream, string path)
    {
        if (stream.CanSeek && stream.Length > LargestFile)
            throw new IOException($"'{path}' is larger than {LargestFile / 1024 / 1024} MiB.");
        using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        return reader.ReadToEnd();
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
    }
}

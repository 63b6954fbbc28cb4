using System.Globalization;
using System.Security.Cryptography;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>A file that appears under its name only when it is complete; until then, and after a failure, what was there stays.</summary>
internal sealed class OutputFile : IDisposable
{
    private readonly string _given;
    private readonly string _path;
    private readonly string? _temporary;
    private FileStream? _stream;

    /// <summary>Opens a new file beside the one to write.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="argument">Who is to blame where it cannot be.</param>
    /// <param name="isPrivate">Whether its owner alone may read it.</param>
    /// <exception cref="UsageException">It cannot be made there.</exception>
    public OutputFile(string path, string argument, bool isPrivate = false)
    {
        _given = path.Length > 0 ? path : throw Empty(argument);
        _path = Path.GetFullPath(path);
        if (Directory.Exists(_path))
            throw new UsageException($"{argument}: '{path}' is a folder.", argument);
        // A device or a process's descriptor is written to, not replaced.
        var isSpecial = _path.StartsWith("/dev/", StringComparison.Ordinal) || _path.StartsWith("/proc/", StringComparison.Ordinal);
        if (!isSpecial && File.Exists(_path) && File.ResolveLinkTarget(_path, returnFinalTarget: true) is { } target)
            _path = target.FullName;
        _temporary = isSpecial ? null : string.Create(CultureInfo.InvariantCulture, $"{_path}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}.part");
        try
        {
            _stream = _temporary is null
                ? new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0)
                : new FileStream(_temporary, Options(isPrivate));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{argument}: '{path}' cannot be written: {Why(error, path)}", argument, error);
        }
    }

    /// <summary>Throws where no file can be made in the folder of a path, or in the one that it names.</summary>
    /// <param name="path">The path.</param>
    /// <param name="argument">Who is to blame: an option, or the path itself.</param>
    /// <returns>The path.</returns>
    /// <exception cref="UsageException">None can; the message names the path as it was given.</exception>
    public static string Demand(string path, string argument)
    {
        if (path.Length == 0)
            throw Empty(argument);
        var isFolder = Path.EndsInDirectorySeparator(path) || Directory.Exists(path);
        if (!isFolder && File.Exists(path))
            return path;
        try
        {
            var folder = isFolder ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
            File.OpenHandle(Path.Join(folder, $".{RandomNumberGenerator.GetHexString(16, lowercase: true)}.part"), FileMode.CreateNew, FileAccess.Write, options: FileOptions.DeleteOnClose).Dispose();
            return path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{(argument == path ? "" : argument + ": ")}'{path}' cannot be written: {Why(error, path)}", argument, error);
        }
    }

    /// <summary>The failure of a file that could not be finished, by the path that was given.</summary>
    public NetworkException Unwritten(Exception error) => new NetworkFailure
    {
        Code = ErrorCodes.LocalIo,
        Message = $"'{_given}' could not be written: {Why(error, _given)}",
        Hint = "Check the space and the permissions there.",
        WasSent = WasSent.Yes,
    }.ToException(error);

    // What the system says, without the name that the file has for the time being.
    private static string Why(Exception error, string path) => error switch
    {
        DirectoryNotFoundException => $"there is no folder '{(Path.EndsInDirectorySeparator(path) ? path : Path.GetDirectoryName(path))}'.",
        UnauthorizedAccessException => "permission is denied.",
        PathTooLongException => "the path is too long.",
        // The system's own word; then follows the path.
        _ => error.Message.IndexOf(" : '", StringComparison.Ordinal) is > 0 and var end ? error.Message[..end].TrimEnd('.') + "." : error.Message,
    };

    private static UsageException Empty(string argument) => new($"{(argument.Length == 0 ? "" : argument + ": ")}the path is empty.", argument);

    private static FileStreamOptions Options(bool isPrivate)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (isPrivate && !OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    /// <summary>Where to write.</summary>
    public Stream Stream => _stream ?? throw new ObjectDisposedException(nameof(OutputFile));

    /// <summary>Gives the file its name.</summary>
    public void Complete()
    {
        Stream.Dispose();
        if (_temporary is not null)
            File.Move(_temporary, _path, overwrite: true);
        _stream = null;
    }

    public void Dispose()
    {
        if (_stream is null)
            return;
        _stream.Dispose();
        _stream = null;
        if (_temporary is not null)
            File.Delete(_temporary);
    }
}

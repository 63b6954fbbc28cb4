using System.Globalization;
using System.Security.Cryptography;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>A file that appears under its name only when it is complete; until then, and after a failure, what was there stays.</summary>
internal sealed class OutputFile : IDisposable
{
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
            throw new UsageException($"{argument}: '{path}' cannot be written: {error.Message}", argument, error);
        }
    }

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

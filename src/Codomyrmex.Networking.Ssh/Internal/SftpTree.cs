using Codomyrmex.Networking.Transfers.Internal;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>A directory on its way: what is to be done is found by one, and done by several at a time.</summary>
internal sealed class SftpTree
{
    private readonly SftpFileSystem _files;
    private readonly string _local;
    private readonly string _remote;
    private readonly SftpTreeOptions _options;
    private readonly TreeProgress _progress;
    private readonly TimeProvider _clock;
    private readonly long _startedAt;
    private int _transferred;
    private int _unchanged;
    private int _deleted;
    private int _skipped;
    private int _entries;
    private long _bytes;

    public SftpTree(SftpFileSystem files, string local, string remote, SftpTreeOptions options)
    {
        (_files, _local, _remote, _options, _clock) = (files, local, remote, options, files.Client.Options.Clock);
        _progress = new TreeProgress(options.Transfer, _clock);
        _startedAt = _clock.GetTimestamp();
    }

    public async Task<SftpTreeResult> UploadAsync(bool isSync, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(_local))
            throw TransferFailure.Local($"There is no folder '{Printable.Text(_local)}'.");
        await _files.CreateDirectoryAsync(_remote, parents: true, cancellationToken: cancellationToken).ConfigureAwait(false);
        await ForEachAsync(LocalFilesAsync(isSync, cancellationToken), async (name, token) =>
        {
            var result = await _files.SendFileAsync(Here(name), There(name), Transfer(isSync), token).ConfigureAwait(false);
            Count(result.Bytes);
        }, cancellationToken).ConfigureAwait(false);
        if (isSync && _options.Delete)
            await DeleteThereAsync(cancellationToken).ConfigureAwait(false);
        return Result();
    }

    public async Task<SftpTreeResult> DownloadAsync(bool isSync, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_local);
        var known = new HashSet<string>();
        await ForEachAsync(RemoteFilesAsync(isSync, known, cancellationToken), async (name, token) =>
        {
            var result = await _files.FetchFileAsync(There(name), Here(name), Transfer(isSync), token).ConfigureAwait(false);
            Count(result.Bytes);
        }, cancellationToken).ConfigureAwait(false);
        if (isSync && _options.Delete)
            DeleteHere(known);
        return Result();
    }

    /// <summary>The local files that are to be sent; makes the directories for them on the way.</summary>
    private async IAsyncEnumerable<string> LocalFilesAsync(bool isSync, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folders = new Stack<string>([""]);
        while (folders.TryPop(out var folder))
        {
            var there = isSync ? await NamesThereAsync(folder, cancellationToken).ConfigureAwait(false) : null;
            foreach (var info in new DirectoryInfo(Here(folder)).EnumerateFileSystemInfos())
            {
                CountEntry();
                var name = folder + info.Name;
                var isFolder = info is DirectoryInfo;
                if (!Takes(isFolder ? name + "/" : name))
                    continue;
                if ((info.LinkTarget is not null && !_options.FollowLinks) || (!isFolder && FileFacts.Of(info.FullName) is { IsRegular: false } && info.LinkTarget is null))
                {
                    _skipped++;
                }
                else if (isFolder)
                {
                    if (there is null || !there.TryGetValue(info.Name, out var known) || known.Kind != SftpFileKind.Directory)
                        await _files.CreateDirectoryAsync(There(name), parents: true, cancellationToken: cancellationToken).ConfigureAwait(false);
                    folders.Push(name + "/");
                }
                else if (there is not null && there.TryGetValue(info.Name, out var same) && IsSame((FileInfo)info, same))
                {
                    _unchanged++;
                }
                else
                {
                    yield return name;
                }
            }
        }
    }

    /// <summary>The remote files that are to be fetched; makes the directories for them on the way.</summary>
    private async IAsyncEnumerable<string> RemoteFilesAsync(bool isSync, HashSet<string> known, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var folders = new Stack<string>([""]);
        while (folders.TryPop(out var folder))
        {
            // ListAsync lets no name through that leads out of its directory.
            await foreach (var entry in _files.ListAsync(There(folder), cancellationToken).ConfigureAwait(false))
            {
                CountEntry();
                var name = folder + entry.Name;
                var attributes = entry.Kind == SftpFileKind.SymbolicLink && _options.FollowLinks
                    ? await _files.FindAsync(entry.Path, cancellationToken: cancellationToken).ConfigureAwait(false) ?? entry.Attributes
                    : entry.Attributes;
                if (!Takes(attributes.Kind == SftpFileKind.Directory ? name + "/" : name))
                    continue;
                known.Add(name);
                if (attributes.Kind == SftpFileKind.Directory)
                {
                    Directory.CreateDirectory(Here(name));
                    folders.Push(name + "/");
                }
                else if (attributes.Kind is SftpFileKind.SymbolicLink or SftpFileKind.Special)
                {
                    _skipped++;
                }
                else if (isSync && new FileInfo(Here(name)) is { Exists: true } file && IsSame(file, attributes))
                {
                    _unchanged++;
                }
                else
                {
                    yield return name;
                }
            }
        }
    }

    private async Task ForEachAsync(IAsyncEnumerable<string> names, Func<string, CancellationToken, Task> transfer, CancellationToken cancellationToken) =>
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = _options.Parallel, CancellationToken = cancellationToken },
            async (name, token) => await transfer(name, token).ConfigureAwait(false)).ConfigureAwait(false);

    private async Task<Dictionary<string, SftpAttributes>> NamesThereAsync(string folder, CancellationToken cancellationToken)
    {
        var names = new Dictionary<string, SftpAttributes>();
        await foreach (var entry in _files.ListAsync(There(folder), cancellationToken).ConfigureAwait(false))
        {
            names[entry.Name] = entry.Attributes;
            if (names.Count > _options.MaxEntries)
                throw TooMany();
        }
        return names;
    }

    private async Task DeleteThereAsync(CancellationToken cancellationToken)
    {
        var folders = new Stack<string>([""]);
        while (folders.TryPop(out var folder))
        {
            foreach (var (last, attributes) in await NamesThereAsync(folder, cancellationToken).ConfigureAwait(false))
            {
                var (name, isFolder) = (folder + last, attributes.Kind == SftpFileKind.Directory);
                if (!Takes(isFolder ? name + "/" : name))
                    continue;
                if (isFolder && Directory.Exists(Here(name)))
                {
                    folders.Push(name + "/");
                    continue;
                }
                if (Path.Exists(Here(name)) && !isFolder)
                    continue;
                _deleted++;
                if (isFolder)
                    await _files.DeleteDirectoryAsync(There(name), recursive: true, cancellationToken).ConfigureAwait(false);
                else
                    await _files.DeleteAsync(There(name), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void DeleteHere(HashSet<string> known)
    {
        var folders = new Stack<string>([""]);
        while (folders.TryPop(out var folder))
        {
            foreach (var info in new DirectoryInfo(Here(folder)).EnumerateFileSystemInfos())
            {
                var (name, isFolder) = (folder + info.Name, info is DirectoryInfo && info.LinkTarget is null);
                if (!Takes(isFolder ? name + "/" : name))
                    continue;
                if (known.Contains(name))
                {
                    if (isFolder)
                        folders.Push(name + "/");
                    continue;
                }
                _deleted++;
                if (isFolder)
                    Directory.Delete(info.FullName, recursive: true);
                else
                    info.Delete();
            }
        }
    }

    private SftpTransferOptions Transfer(bool isSync) => _options.Transfer with
    {
        Overwrite = _options.Transfer.Overwrite || isSync,
        PreserveTimes = _options.Transfer.PreserveTimes || isSync,
        Total = Timeout.InfiniteTimeSpan,
        Progress = _progress.NewFile(),
    };

    // The protocol knows times to the second.
    private static bool IsSame(FileInfo here, SftpAttributes there) =>
        there.Kind is SftpFileKind.File or SftpFileKind.Unknown && here.Length == there.Size && new DateTimeOffset(here.LastWriteTimeUtc, TimeSpan.Zero).ToUnixTimeSeconds() == there.Modified?.ToUnixTimeSeconds();

    private bool Takes(string name) => _options.Filter is not { } filter || filter(name);

    private string Here(string name) => name.Length == 0 ? _local : Path.Combine(_local, name.TrimEnd('/'));

    private string There(string name) => name.Length == 0 ? _remote : RemotePath.Join(_remote, name.TrimEnd('/'));

    private void Count(long bytes)
    {
        Interlocked.Increment(ref _transferred);
        Interlocked.Add(ref _bytes, bytes);
    }

    private void CountEntry()
    {
        if (++_entries > _options.MaxEntries)
            throw TooMany();
    }

    private NetworkException TooMany() =>
        SftpFailure.Fail(ErrorCodes.SftpFailure, _files.Endpoint, $"There are more than {_options.MaxEntries} files below '{Printable.Text(_remote)}' (SftpTreeOptions.MaxEntries).");

    private SftpTreeResult Result()
    {
        _progress.Finish();
        return new SftpTreeResult(_transferred, _bytes, _unchanged, _deleted, _skipped, _clock.GetElapsedTime(_startedAt));
    }
}

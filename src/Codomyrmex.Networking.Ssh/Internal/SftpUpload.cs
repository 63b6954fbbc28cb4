using System.Buffers;
using Codomyrmex.Networking.Ssh.Protocol;
using Codomyrmex.Networking.Transfers.Internal;
using Microsoft.Win32.SafeHandles;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>
/// Sends one file: under a name that nobody can guess, with many writes under way; then checks it, has it put on the disk and gives it its name in one step. What an interrupted run
/// leaves is taken over by a later one of the same local file.
/// </summary>
internal sealed class SftpUpload
{
    private const int MostAhead = 64;

    // Less than this is sent again sooner than a journal is written.
    private const long SmallestJournalled = 1024 * 1024;

    private readonly SftpFileSystem _files;
    private readonly SftpTransferOptions _options;
    private readonly string _local;
    private readonly RemoteTarget _target;
    private readonly ProgressMeter _progress;
    private readonly long _startedAt;
    private string? _temporary;
    private long _written;
    private bool _isJournalled;
    private bool _isSpoilt;

    private SftpUpload(SftpFileSystem files, string local, string remote, SftpTransferOptions options)
    {
        (_files, _local, _target, _options) = (files, local, new RemoteTarget(remote), options);
        _progress = new ProgressMeter(options.Progress, options.ProgressInterval, Clock);
        _startedAt = Clock.GetTimestamp();
    }

    private TimeProvider Clock => _files.Client.Options.Clock;

    private Endpoint Endpoint => _files.Endpoint;

    public static async Task<SftpTransferResult> RunAsync(SftpFileSystem files, string local, string remote, SftpTransferOptions options, CancellationToken cancellationToken)
    {
        using var source = Open(local);
        var upload = new SftpUpload(files, local, remote, options);
        try
        {
            return await upload.RunAsync(source, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            await upload.AbandonAsync(error as NetworkException).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<SftpTransferResult> RunAsync(SafeFileHandle source, CancellationToken cancellationToken)
    {
        var (size, modified) = (RandomAccess.GetLength(source), File.GetLastWriteTimeUtc(source));
        var (before, file, from) = await BeginAsync(size, modified.Ticks, cancellationToken).ConfigureAwait(false);
        await using (file.ConfigureAwait(false))
        {
            string? sha256 = null;
            if (size <= _files.Limits.WriteBytes && from == 0 && !_options.Verify)
            {
                await SendWholeAsync(source, file, (int)size, Attributes(before, source, modified), cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await SendAsync(source, file, from, size, cancellationToken).ConfigureAwait(false);
                // Not what was sent but what is there counts.
                DemandSize(await file.GetAttributesAsync(cancellationToken).ConfigureAwait(false), size);
                if (SyncsThere)
                    await file.SyncAsync(cancellationToken).ConfigureAwait(false);
                sha256 = _options.Verify ? await VerifyAsync(source, file, size, cancellationToken).ConfigureAwait(false) : null;
                await file.SetAttributesAsync(Attributes(before, source, modified), cancellationToken).ConfigureAwait(false);
                await file.CloseAsync(cancellationToken).ConfigureAwait(false);
            }
            if (File.GetLastWriteTimeUtc(source) != modified || RandomAccess.GetLength(source) != size)
                throw Changed();
            await PublishAsync(before is not null, cancellationToken).ConfigureAwait(false);
            _progress.Finish(size, size);
            return new SftpTransferResult
            {
                LocalPath = Path.GetFullPath(_local),
                RemotePath = _target.Path,
                Bytes = size,
                Sha256 = sha256,
                ResumedFrom = from,
                Elapsed = Clock.GetElapsedTime(_startedAt),
            };
        }
    }

    private bool SyncsThere => _options.Durable && _files.Offers(SftpNumbers.FSync);

    /// <summary>Looks at what has the name now, and takes over what an earlier run left, or begins a new file.</summary>
    private async Task<(SftpAttributes? Before, SftpFile File, long From)> BeginAsync(long size, long modified, CancellationToken cancellationToken)
    {
        if (_options.Resume)
        {
            var known = await LookAsync(cancellationToken).ConfigureAwait(false);
            var (resumed, from) = await ResumeAsync(size, modified, cancellationToken).ConfigureAwait(false) ?? (await MakeAsync(size, modified, cancellationToken).ConfigureAwait(false), 0);
            return (known, resumed, from);
        }
        // Both questions leave before the first is answered: a small file is mostly waiting.
        var (looking, making) = (LookAsync(cancellationToken), MakeAsync(size, modified, cancellationToken));
        try
        {
            var before = await looking.ConfigureAwait(false);
            return (before, await making.ConfigureAwait(false), 0);
        }
        catch
        {
            await ((Task)making).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (making.IsCompletedSuccessfully)
                await (await making.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>What has the name of the target, which must not be there, or may be replaced; null for nothing.</summary>
    private async Task<SftpAttributes?> LookAsync(CancellationToken cancellationToken)
    {
        var before = await _files.FindAsync(_target.Path, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (before is { Kind: not (SftpFileKind.File or SftpFileKind.Unknown) })
            throw SftpFailure.Fail(ErrorCodes.SftpFailure, Endpoint, $"'{Printable.Text(_target.Path)}' on {Endpoint} is no ordinary file, and is not replaced.");
        if (before is not null && !_options.Overwrite)
            throw SftpFailure.Fail(ErrorCodes.SftpExists, Endpoint, $"'{Printable.Text(_target.Path)}' on {Endpoint} exists.");
        return before;
    }

    private async Task<(SftpFile File, long From)?> ResumeAsync(long size, long modified, CancellationToken cancellationToken)
    {
        if (await LoadJournalAsync(cancellationToken).ConfigureAwait(false) is not { } journal)
            return null;
        if (journal.Size == size && journal.Modified == modified && await _files.FindAsync(_target.Beside(journal.Temporary), followLinks: false, cancellationToken).ConfigureAwait(false) is { Kind: SftpFileKind.File, Size: { } there } && there <= size)
        {
            (_temporary, _isJournalled) = (journal.Temporary, true);
            // The server may have written what was under way in any order.
            var from = Math.Max(0, there - ((long)MostAhead * _files.Limits.WriteBytes));
            return (await _files.OpenAsync(_target.Beside(_temporary), SftpOpenMode.Read | SftpOpenMode.Write, null, cancellationToken).ConfigureAwait(false), from);
        }
        await TryDeleteAsync(_target.Beside(journal.Temporary)).ConfigureAwait(false);
        await TryDeleteAsync(_target.JournalPath).ConfigureAwait(false);
        return null;
    }

    private async Task<SftpFile> MakeAsync(long size, long modified, CancellationToken cancellationToken)
    {
        _temporary = _target.FreshTemporary();
        // Its owner's alone until it is whole.
        var file = await _files.OpenAsync(_target.Beside(_temporary), SftpOpenMode.Read | SftpOpenMode.Write | SftpOpenMode.Create | SftpOpenMode.New, UnixFileMode.UserRead | UnixFileMode.UserWrite, cancellationToken).ConfigureAwait(false);
        if (_options.KeepPartial && size >= SmallestJournalled)
            await SaveJournalAsync(new UploadJournal { Format = UploadJournal.CurrentFormat, Temporary = _temporary, Size = size, Modified = modified }, cancellationToken).ConfigureAwait(false);
        return file;
    }

    /// <summary>
    /// A small file in one go: its bytes and everything that follows leave before the first answer comes. A server answers what is asked of one file as if it had been asked one after the
    /// other (draft-ietf-secsh-filexfer-02, section 4.1).
    /// </summary>
    private async Task SendWholeAsync(SafeFileHandle source, SftpFile file, int size, SftpAttributes attributes, CancellationToken cancellationToken)
    {
        var idle = _files.Client.Options.Timeouts.Idle;
        var block = ArrayPool<byte>.Shared.Rent(Math.Max(size, 1));
        for (var at = 0; at < size;)
            at += Read(source, block.AsMemory(at, size - at), at);
        var writing = size == 0 ? Task.CompletedTask : file.WriteAsync(block.AsMemory(0, size), 0, cancellationToken).AsTask();
        var looking = file.GetAttributesAsync(cancellationToken);
        // The first of them that fails is the reason.
        var all = Task.WhenAll(writing, looking, SyncsThere ? file.SyncAsync(cancellationToken) : Task.CompletedTask, file.SetAttributesAsync(attributes, cancellationToken), file.CloseAsync(cancellationToken));
        try
        {
            await all.WaitAsync(idle, Clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw SftpIdle.Failure(Endpoint, idle);
        }
        finally
        {
            // Else it may still be read from.
            if (all.IsCompleted)
                ArrayPool<byte>.Shared.Return(block);
        }
        DemandSize(await looking.ConfigureAwait(false), size);
        _written = size;
    }

    private void DemandSize(SftpAttributes there, long size)
    {
        if (there.Size != size)
            throw Spoilt("size", $"{size}", $"{there.Size}");
    }

    private async Task SendAsync(SafeFileHandle source, SftpFile file, long from, long size, CancellationToken cancellationToken)
    {
        var connection = _files.Connection;
        var underWay = new Queue<(SftpReply Reply, int Count)>();
        var ahead = 8;
        _written = from;
        _progress.Report(from, size);
        for (var at = from; at < size || underWay.Count > 0;)
        {
            while (at < size && underWay.Count < ahead)
            {
                var sent = await connection.WithinIdleAsync(SendBlockAsync(source, file, at, (int)Math.Min(_files.Limits.WriteBytes, size - at), cancellationToken), cancellationToken).ConfigureAwait(false);
                underWay.Enqueue(sent);
                at += sent.Count;
            }
            var (reply, length) = underWay.Dequeue();
            await connection.WithinIdleAsync(reply.CompletedAsync(), cancellationToken).ConfigureAwait(false);
            file.DemandOk(reply, "written");
            connection.Return(reply);
            _written += length;
            _progress.Report(_written, size);
            ahead = Math.Min(ahead + 1, MostAhead);
        }
    }

    /// <summary>Sends a block. Whoever waits for it may leave: its memory is this call's until the last byte is on its way, or never will be.</summary>
    private async Task<(SftpReply Reply, int Count)> SendBlockAsync(SafeFileHandle source, SftpFile file, long at, int most, CancellationToken cancellationToken)
    {
        var block = ArrayPool<byte>.Shared.Rent(most);
        try
        {
            var count = Read(source, block.AsMemory(0, most), at);
            return (await _files.Connection.BeginWriteAsync(file.Handle, at, block.AsMemory(0, count), cancellationToken).ConfigureAwait(false), count);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    private int Read(SafeFileHandle source, Memory<byte> block, long offset)
    {
        try
        {
            var count = RandomAccess.Read(source, block.Span, offset);
            return count > 0 ? count : throw Changed();
        }
        catch (Exception error) when (TransferFailure.IsLocal(error))
        {
            throw Unreadable(_local, error);
        }
    }

    private async Task<string> VerifyAsync(SafeFileHandle source, SftpFile file, long size, CancellationToken cancellationToken)
    {
        var here = Task.Run(
            () =>
            {
                using var hash = new RunningHash();
                return Convert.ToHexStringLower(hash.Finish(source, size, cancellationToken));
            },
            cancellationToken);
        var there = await RemoteHash.ComputeAsync(_files, _target.Beside(_temporary!), file, cancellationToken).ConfigureAwait(false);
        var expected = await here.ConfigureAwait(false);
        return there == expected ? expected : throw Spoilt("SHA-256", expected, there);
    }

    private async Task PublishAsync(bool exists, CancellationToken cancellationToken)
    {
        var temporary = _target.Beside(_temporary!);
        if (_options.Overwrite && _files.Offers(SftpNumbers.PosixRename))
        {
            await _files.RenameAsync(temporary, _target.Path, overwrite: true, cancellationToken).ConfigureAwait(false);
        }
        else if (exists)
        {
            await ReplaceAsync(temporary, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await _files.RenameAsync(temporary, _target.Path, overwrite: false, cancellationToken).ConfigureAwait(false);
        }
        _temporary = null;
        if (_isJournalled)
            await TryDeleteAsync(_target.JournalPath).ConfigureAwait(false);
    }

    /// <summary>Without the extension there is a moment in which nothing has the name, but none in which a file is lost: the old one is kept until the new one has its place.</summary>
    private async Task ReplaceAsync(string temporary, CancellationToken cancellationToken)
    {
        var aside = _target.Beside(_target.FreshTemporary());
        await _files.RenameAsync(_target.Path, aside, overwrite: false, cancellationToken).ConfigureAwait(false);
        // From here on without the token: nobody is left with neither.
        try
        {
            await _files.RenameAsync(temporary, _target.Path, overwrite: false, CancellationToken.None).ConfigureAwait(false);
        }
        catch (NetworkException failure)
        {
            try
            {
                await _files.RenameAsync(aside, _target.Path, overwrite: false, CancellationToken.None).ConfigureAwait(false);
            }
            catch (NetworkException)
            {
                _temporary = null;
                failure.Complete(failure.Failure with { Hint = $"Nothing was deleted: what was there is '{Printable.Text(aside)}', and what was sent, all of it, is '{Printable.Text(temporary)}' or has its name already." });
            }
            throw;
        }
        await TryDeleteAsync(aside).ConfigureAwait(false);
    }

    private SftpAttributes Attributes(SftpAttributes? before, SafeFileHandle source, DateTime modified) => new()
    {
        Mode = (uint)(_options.Permissions ?? before?.Permissions ?? (OperatingSystem.IsWindows() ? (UnixFileMode)0b110_100_100 : File.GetUnixFileMode(source))) & 0xFFF,
        Modified = _options.PreserveTimes ? new DateTimeOffset(modified, TimeSpan.Zero) : null,
    };

    private async Task<UploadJournal?> LoadJournalAsync(CancellationToken cancellationToken)
    {
        if (await _files.FindAsync(_target.JournalPath, followLinks: false, cancellationToken).ConfigureAwait(false) is not { Kind: SftpFileKind.File, Size: <= UploadJournal.LargestBytes })
            return null;
        var file = await _files.OpenAsync(_target.JournalPath, SftpOpenMode.Read, null, cancellationToken).ConfigureAwait(false);
        await using (file.ConfigureAwait(false))
        {
            var bytes = new byte[UploadJournal.LargestBytes];
            var count = await file.ReadAsync(bytes, 0, cancellationToken).ConfigureAwait(false);
            return UploadJournal.Parse(bytes.AsSpan(0, count)) is { } journal && _target.IsTemporary(journal.Temporary) ? journal : null;
        }
    }

    private async Task SaveJournalAsync(UploadJournal journal, CancellationToken cancellationToken)
    {
        await TryDeleteAsync(_target.JournalPath).ConfigureAwait(false);
        var file = await _files.OpenAsync(_target.JournalPath, SftpOpenMode.Write | SftpOpenMode.Create | SftpOpenMode.New, UnixFileMode.UserRead | UnixFileMode.UserWrite, cancellationToken).ConfigureAwait(false);
        await using (file.ConfigureAwait(false))
            await file.WriteAsync(journal.ToJson(), 0, cancellationToken).ConfigureAwait(false);
        _isJournalled = true;
    }

    /// <summary>Leaves what a later run can use, and nothing else.</summary>
    private async Task AbandonAsync(NetworkException? failure)
    {
        if (_temporary is not null && _isJournalled && _options.KeepPartial && !_isSpoilt)
        {
            failure?.Complete(failure.Failure with { Hint = $"{_written} bytes are there; send it again with Resume (--resume) to go on from there." });
            return;
        }
        if (_temporary is null || !_files.IsOpen)
            return;
        await TryDeleteAsync(_target.Beside(_temporary)).ConfigureAwait(false);
        if (_isJournalled)
            await TryDeleteAsync(_target.JournalPath).ConfigureAwait(false);
    }

    private async Task TryDeleteAsync(string path)
    {
        // It is not there, or stays; either way a later run does without it.
        await _files.Connection.TidyAsync(new SftpRequest(SftpNumbers.Remove).Text(path)).ConfigureAwait(false);
    }

    private NetworkException Spoilt(string what, string expected, string actual)
    {
        _isSpoilt = true;
        return SftpFailure.Fail(ErrorCodes.TransferMismatch, Endpoint, $"What {Endpoint} has of '{Printable.Text(_target.Path)}' has the {what} {actual}, not {expected}; it was deleted.");
    }

    private NetworkException Changed()
    {
        _isSpoilt = true;
        return SftpFailure.Fail(ErrorCodes.TransferChanged, Endpoint, $"'{Printable.Text(_local)}' changed while it was sent.");
    }

    private static SafeFileHandle Open(string local)
    {
        try
        {
            return File.OpenHandle(local, options: FileOptions.SequentialScan);
        }
        catch (Exception error) when (TransferFailure.IsLocal(error))
        {
            throw Unreadable(local, error);
        }
    }

    private static NetworkException Unreadable(string local, Exception error) => new NetworkFailure
    {
        Code = ErrorCodes.LocalIo,
        Message = $"'{Printable.Text(local)}' could not be read: {error.Message}",
        Phase = NetworkPhase.Prepare,
    }.ToException(error);
}

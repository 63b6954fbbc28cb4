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
    // From here on a second session is worth the round trips that it takes to open.
    private const long SmallestForTwo = 4 * 1024 * 1024;
    private static readonly TimeSpan Far = TimeSpan.FromMilliseconds(10);

    // Less than this is sent again sooner than a journal is written.
    private const long SmallestJournalled = 1024 * 1024;

    // The file that is replaced may be somebody else's, and the new one is not to run as its sender because of that: setuid and setgid are for who asks for them (SftpTransferOptions.Permissions).
    private const UnixFileMode Inherited = (UnixFileMode)0b111_111_111;

    // What is made here is its owner's alone until it is whole: what others may write is not of an earlier run, or no longer.
    private const UnixFileMode OfOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private readonly SftpFileSystem _files;
    private readonly SftpTransferOptions _options;
    private readonly string _local;
    private readonly RemoteTarget _target;
    private readonly ProgressMeter _progress;
    private readonly long _startedAt;
    private string? _temporary;
    private long _written;
    private Task _journalling = Task.CompletedTask;
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
        catch (NetworkException error)
        {
            var told = await upload.ExplainAsync(error).ConfigureAwait(false);
            await upload.AbandonAsync(told).ConfigureAwait(false);
            if (told == error)
                throw;
            throw told;
        }
        catch
        {
            await upload.AbandonAsync(null).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>OpenSSH says of a full disk only that something failed.</summary>
    private async Task<NetworkException> ExplainAsync(NetworkException error)
    {
        if (error is not SftpException { Code: ErrorCodes.SftpFailure } || _temporary is null || !_files.IsOpen || !_files.Offers(SftpNumbers.StatVfs))
            return error;
        try
        {
            var space = await _files.GetSpaceAsync(_target.Folder, CancellationToken.None).ConfigureAwait(false);
            if (space.FreeBytes >= _files.Limits.WriteBytes)
                return error;
        }
        catch (NetworkException)
        {
            return error;
        }
        return (error.Failure with { Message = $"'{Printable.Text(_target.Path)}' on {Endpoint} could not be written: the disk there is full.", Hint = "Make room there, and send it again." }).ToException(error);
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
                sha256 = await FinishAsync(source, file, size, Attributes(before, source, modified), cancellationToken).ConfigureAwait(false);
            }
            await _journalling.ConfigureAwait(false);
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
            _isSpoilt = true;
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
        if (journal.Size == size && journal.Modified == modified && await _files.FindAsync(_target.Beside(journal.Temporary), followLinks: false, cancellationToken).ConfigureAwait(false) is { Kind: SftpFileKind.File, Size: { } there } part && there <= size && IsOurs(part))
        {
            (_temporary, _isJournalled) = (journal.Temporary, true);
            // The server may have written what was under way in any order.
            var from = Math.Max(0, there - ((long)BlockSender.MostAhead * _files.Limits.WriteBytes));
            return (await _files.OpenAsync(_target.Beside(_temporary), SftpOpenMode.Read | SftpOpenMode.Write, null, cancellationToken).ConfigureAwait(false), from);
        }
        await TryDeleteAsync(_target.Beside(journal.Temporary)).ConfigureAwait(false);
        await TryDeleteAsync(_target.JournalPath).ConfigureAwait(false);
        return null;
    }

    private static bool IsOurs(SftpAttributes left) => left.Permissions is not { } permissions || (permissions & OfOthers) == 0;

    private async Task<SftpFile> MakeAsync(long size, long modified, CancellationToken cancellationToken)
    {
        _temporary = _target.FreshTemporary();
        // Its owner's alone until it is whole.
        SftpFile file;
        try
        {
            file = await _files.OpenAsync(_target.Beside(_temporary), SftpOpenMode.Read | SftpOpenMode.Write | SftpOpenMode.Create | SftpOpenMode.New, UnixFileMode.UserRead | UnixFileMode.UserWrite, cancellationToken).ConfigureAwait(false);
        }
        catch (SftpException refused) when (refused.Code is ErrorCodes.SftpNoSuchFile or ErrorCodes.SftpPermission)
        {
            throw Unmade(refused);
        }
        if (_options.KeepPartial && size >= SmallestJournalled)
            _journalling = SaveJournalAsync(new UploadJournal { Format = UploadJournal.CurrentFormat, Temporary = _temporary, Size = size, Modified = modified }, cancellationToken);
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

    private Task SendAsync(SafeFileHandle source, SftpFile file, long from, long size, CancellationToken cancellationToken)
    {
        Advanced(from);
        var sender = new BlockSender(from, size, _files.Limits.WriteBytes, Fill, Advanced);
        return sender.RunAsync(_files.Connection, file, _files.Connection.RoundTrip >= Far && size - from >= SmallestForTwo ? OpenSecondAsync : null, cancellationToken);

        void Fill(Memory<byte> block, long at)
        {
            for (var count = 0; count < block.Length;)
                count += Read(source, block[count..], at + count);
        }

        void Advanced(long written)
        {
            // What cannot be taken up again later is not sent on either.
            if (_journalling is { IsFaulted: true, Exception.InnerException: NetworkException failure })
                throw failure.Again();
            _progress.Report(_written = written, size);
        }
    }

    /// <summary>The file once more, over a session of its own; null where the places for sessions are wanted for other things.</summary>
    private async Task<SftpFile?> OpenSecondAsync(CancellationToken cancellationToken)
    {
        if ((await _files.Client.LinkAsync(cancellationToken).ConfigureAwait(false)).Sessions.CurrentCount < 2)
            return null;
        var files = await _files.Client.OpenSftpAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await files.OpenAsync(_target.Beside(_temporary!), SftpOpenMode.Write, null, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await files.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>All that is left to do before the file gets its name, asked for at once: a server answers what is asked of one file in the order of the questions.</summary>
    private async Task<string?> FinishAsync(SafeFileHandle source, SftpFile file, long size, SftpAttributes attributes, CancellationToken cancellationToken)
    {
        // Not what was sent but what is there counts.
        var looking = file.GetAttributesAsync(cancellationToken);
        var syncing = SyncsThere ? file.SyncAsync(cancellationToken) : Task.CompletedTask;
        string? sha256 = null;
        if (_options.Verify)
        {
            await Task.WhenAll(looking, syncing).ConfigureAwait(false);
            DemandSize(await looking.ConfigureAwait(false), size);
            sha256 = await VerifyAsync(source, file, size, cancellationToken).ConfigureAwait(false);
        }
        await Task.WhenAll(looking, syncing, file.SetAttributesAsync(attributes, cancellationToken), file.CloseAsync(cancellationToken)).ConfigureAwait(false);
        DemandSize(await looking.ConfigureAwait(false), size);
        return sha256;
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
        Mode = (uint)(_options.Permissions ?? (before?.Permissions ?? (OperatingSystem.IsWindows() ? (UnixFileMode)0b110_100_100 : File.GetUnixFileMode(source))) & Inherited) & 0xFFF,
        Modified = _options.PreserveTimes ? new DateTimeOffset(modified, TimeSpan.Zero) : null,
    };

    private async Task<UploadJournal?> LoadJournalAsync(CancellationToken cancellationToken)
    {
        if (await _files.FindAsync(_target.JournalPath, followLinks: false, cancellationToken).ConfigureAwait(false) is not { Kind: SftpFileKind.File, Size: <= UploadJournal.LargestBytes } left || !IsOurs(left))
            return null;
        var file = await _files.OpenAsync(_target.JournalPath, SftpOpenMode.Read, null, cancellationToken).ConfigureAwait(false);
        await using (file.ConfigureAwait(false))
        {
            var bytes = new byte[UploadJournal.LargestBytes];
            var count = await file.ReadAsync(bytes, 0, cancellationToken).ConfigureAwait(false);
            return UploadJournal.Parse(bytes.AsSpan(0, count)) is { } journal && _target.IsTemporary(journal.Temporary) ? journal : null;
        }
    }

    /// <summary>While the first bytes are under way: an answer takes as long as many of them.</summary>
    private async Task SaveJournalAsync(UploadJournal journal, CancellationToken cancellationToken)
    {
        var file = await OpenJournalAsync(cancellationToken).ConfigureAwait(false);
        await using (file.ConfigureAwait(false))
            await Task.WhenAll(file.WriteAsync(journal.ToJson(), 0, cancellationToken).AsTask(), file.CloseAsync(cancellationToken)).ConfigureAwait(false);
        _isJournalled = true;
    }

    private async Task<SftpFile> OpenJournalAsync(CancellationToken cancellationToken)
    {
        const SftpOpenMode Fresh = SftpOpenMode.Write | SftpOpenMode.Create | SftpOpenMode.New;
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            return await _files.OpenAsync(_target.JournalPath, Fresh, Private, cancellationToken).ConfigureAwait(false);
        }
        catch (SftpException)
        {
            // One of an earlier run is in its place.
            await TryDeleteAsync(_target.JournalPath).ConfigureAwait(false);
            return await _files.OpenAsync(_target.JournalPath, Fresh, Private, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Leaves what a later run can use, and nothing else.</summary>
    private async Task AbandonAsync(NetworkException? failure)
    {
        await _journalling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_temporary is not null && _isJournalled && _options.KeepPartial && !_isSpoilt)
        {
            failure?.Complete(failure.Failure with { Hint = $"{_written} bytes are there; send it again and go on from there (Resume, --resume)." });
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

    /// <summary>In the caller's terms: of the name until then nobody has heard.</summary>
    private NetworkException Unmade(SftpException refused)
    {
        var folder = Printable.Text(_target.Folder);
        var (why, hint) = refused.Code == ErrorCodes.SftpNoSuchFile
            ? ($"there is no directory '{folder}'", "Make the directory first (SftpFileSystem.CreateDirectoryAsync, codonet sftp mkdir --parents).")
            : ($"the server denies making files in '{folder}'", "The user needs the right to write in that directory: a file is made beside its name and then renamed.");
        return (refused.Failure with { Message = $"'{Printable.Text(_target.Path)}' on {Endpoint} could not be made: {why}.", Hint = hint }).ToException(refused);
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
        Hint = "Check the path and its permissions here.",
        Phase = NetworkPhase.Prepare,
    }.ToException(error);
}

namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>
/// One download: takes over what an earlier run left, fetches what is missing over one connection or several, goes on where a connection
/// broke, checks the whole and gives it its name. Bytes of two versions of the remote file never meet: a new version begins a new file.
/// </summary>
internal sealed class Download : IDisposable
{
    private const int MostChanges = 3;
    private const int RoomForJournal = 64 * 1024;

    private readonly RemoteFile _remote;
    private readonly DownloadOptions _options;
    private readonly ProgressMeter _progress;
    private readonly RunningHash? _hash;
    private readonly ResumeRules _rules;
    private readonly long _startedAt;
    private TargetFile _target = null!;
    private Checkpoints _checkpoints = null!;
    private PartialFile? _file;
    private ByteRanges _done = new();
    private string? _validator;
    private string? _etag;
    private long? _total;
    private byte[]? _announced;
    private long _resumedFrom;
    private volatile bool _hasChanged;
    private bool _isSpoilt;

    private Download(RemoteFile remote, DownloadOptions options)
    {
        (_remote, _options) = (remote, options);
        _rules = new ResumeRules(remote);
        _progress = new ProgressMeter(options.Progress, options.ProgressInterval, remote.Clock);
        _hash = options.ComputeSha256 || options.Sha256 is not null ? new RunningHash() : null;
        _startedAt = remote.Clock.GetTimestamp();
    }

    public static async Task<TransferResult> RunAsync(RemoteFile remote, string path, DownloadOptions options, CancellationToken cancellationToken)
    {
        using var download = new Download(remote, options);
        try
        {
            return await download.RunAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (NetworkException failure)
        {
            await download.AbandonAsync(failure).ConfigureAwait(false);
            throw;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await download.AbandonAsync(null).ConfigureAwait(false);
            // The token that the caller passed, not one that we linked to it.
            throw new OperationCanceledException(cancellationToken);
        }
        catch (Exception error) when (TransferFailure.IsLocal(error))
        {
            var failure = TransferFailure.Local(path, error);
            await download.AbandonAsync(failure).ConfigureAwait(false);
            throw failure;
        }
    }

    public void Dispose()
    {
        _file?.Dispose();
        _hash?.Dispose();
    }

    private async Task<TransferResult> RunAsync(string path, CancellationToken cancellationToken)
    {
        RemotePart? first = null;
        if (TargetFile.IsFolder(path))
        {
            // Throws where the folder is missing, before anything is sent.
            _target = TargetFile.InFolder(path, SafeName.Fallback);
            first = await _remote.OpenAsync(0, null, null, cancellationToken).ConfigureAwait(false);
            _target = TargetFile.InFolder(path, SafeName.Of(first.SuggestedName));
        }
        else
        {
            _target = TargetFile.Of(path);
        }
        try
        {
            _checkpoints = new Checkpoints(_target, _remote.Clock);
            if (_options.Resume && await Task.Run(() => FindDone(cancellationToken), cancellationToken).ConfigureAwait(false) is { } done)
                return done;
            _target.DemandFree(_options.Overwrite);
            TakeOver();
            first = await FirstAsync(first, cancellationToken).ConfigureAwait(false);
            await FetchAsync(first, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (first is not null)
                await first.DisposeAsync().ConfigureAwait(false);
        }
        return await FinishAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The result, where an earlier run got as far as the file's name, or the file with the hash wanted is there.</summary>
    private TransferResult? FindDone(CancellationToken cancellationToken)
    {
        if (FileFacts.Of(_target.Path) is { IsRegular: false } || !File.Exists(_target.Path))
            return null;
        var journal = JournalFile.Load(_target);
        var isOurs = journal?.Source == _remote.Source && journal.IsWhole && journal.Total == new FileInfo(_target.Path).Length &&
            !File.Exists(Path.Combine(_target.Folder, journal.Temporary));
        if (!isOurs && _options.Sha256 is null)
            return null;
        using var file = File.OpenHandle(_target.Path);
        var length = RandomAccess.GetLength(file);
        using var hash = new RunningHash();
        var sha256 = Convert.ToHexStringLower(hash.Finish(file, length, cancellationToken));
        if (_options.Sha256 is { } wanted ? !sha256.Equals(wanted, StringComparison.OrdinalIgnoreCase) : !isOurs)
            return null;
        JournalFile.Delete(_target);
        _progress.Finish(length, length);
        return Result(length, sha256, length) with { ETag = journal?.ETag };
    }

    /// <summary>Takes over what an earlier run left, or clears it away.</summary>
    private void TakeOver()
    {
        var journal = JournalFile.Load(_target);
        if (journal is not null || _options.Resume)
            PartialFile.DeleteOrphans(_target, journal?.Temporary);
        if (journal is null)
            return;
        // Opened in any case: it may belong to a transfer that is under way.
        _file = PartialFile.Open(_target, journal.Temporary);
        if (_file is not null && _options.Resume && journal.Validator is not null && journal.Source == _remote.Source && journal.Done.Length > 0 &&
            ByteRanges.OfPairs(journal.Done, journal.Total) is { } done && RandomAccess.GetLength(_file.Handle) >= done.End)
        {
            (_done, _validator, _etag, _total) = (done, journal.Validator, journal.ETag, journal.Total);
            _resumedFrom = done.Count;
            return;
        }
        DropFile();
        JournalFile.Delete(_target);
    }

    /// <summary>The first part of what is missing, of the version that we have or of a new one.</summary>
    private async Task<RemotePart?> FirstAsync(RemotePart? opened, CancellationToken cancellationToken)
    {
        if (_validator is not null && _done.Count > 0)
        {
            if (IsComplete || (opened is not null && opened.Validator != _validator))
                return opened;
            if (opened is not null)
                await opened.DisposeAsync().ConfigureAwait(false);
            var (from, to) = _done.Gaps(_total)[0];
            return await _remote.OpenAsync(from, to == long.MaxValue || to == _total ? null : to, _validator, cancellationToken).ConfigureAwait(false);
        }
        return opened ?? await _remote.OpenAsync(0, null, null, cancellationToken).ConfigureAwait(false);
    }

    private bool IsComplete => _total is { } total && _done.Gaps(total).Count == 0;

    private async Task FetchAsync(RemotePart? first, CancellationToken cancellationToken)
    {
        for (var changes = 0; !IsComplete; changes += _hasChanged ? 1 : 0)
        {
            if (changes == MostChanges)
                throw TransferFailure.Changed(_remote, changes);
            _hasChanged = false;
            first ??= await _remote.OpenAsync(0, null, null, cancellationToken).ConfigureAwait(false);
            await using (first.ConfigureAwait(false))
            {
                await BeginAsync(first).ConfigureAwait(false);
                if (await FillAsync(first, cancellationToken).ConfigureAwait(false))
                    return;
            }
            // Not the part that showed the change: it may begin anywhere.
            first = null;
        }
    }

    /// <summary>Goes on with the file that we have where the part belongs to it; begins a new one otherwise.</summary>
    private async Task BeginAsync(RemotePart part)
    {
        if (_file is null || _validator is null || !Belongs(part, _done.Gaps(_total)[0].From))
        {
            await _checkpoints.SettleAsync().ConfigureAwait(false);
            DropFile();
            _done.Clear();
            _hash?.Reset();
            (_validator, _etag, _total, _announced, _resumedFrom) = (part.Validator, part.ETag, part.Total, null, 0);
            _file = PartialFile.Create(_target);
        }
        _announced = part.Sha256 ?? _announced;
        _checkpoints.Start(_file, Journal);
        if (_options.Parallel > 1 && _total is { } total && !Durable.Allocate(_file.Handle, total))
            throw TransferFailure.Local($"'{_target.Path}' needs {total} bytes, more than the disk has.");
        _progress.Report(_done.Count, _total);
    }

    /// <summary>Whether a part is of the version that was begun, and begins where it should.</summary>
    private bool Belongs(RemotePart part, long from) =>
        part.From == from && part.Validator == _validator && (part.Total is null || _total is null || part.Total == _total);

    /// <summary>Fetches all that is missing; false where the remote file is no longer the one that was begun, or gives no ranges.</summary>
    private async Task<bool> FillAsync(RemotePart first, CancellationToken cancellationToken)
    {
        var board = new SegmentBoard(_done.Gaps(_total));
        var connections = first.HasRanges && _validator is not null && _total is not null ? _options.Parallel : 1;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var workers = Enumerable.Range(0, connections).Select(i => WorkAsync(board, i == 0 ? first : null, stop.Token)).ToList();
        var isWhole = true;
        Exception? failure = null;
        while (workers.Count > 0)
        {
            var worker = await Task.WhenAny(workers).ConfigureAwait(false);
            workers.Remove(worker);
            try
            {
                isWhole &= await worker.ConfigureAwait(false);
            }
            catch (Exception error)
            {
                // The first one is the reason; the others were cancelled.
                failure ??= error is OperationCanceledException && stop.IsCancellationRequested ? null : error;
                isWhole = false;
            }
            if (!isWhole)
                await stop.CancelAsync().ConfigureAwait(false);
        }
        if (failure is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        cancellationToken.ThrowIfCancellationRequested();
        return isWhole;
    }

    private async Task<bool> WorkAsync(SegmentBoard board, RemotePart? part, CancellationToken cancellationToken)
    {
        while (board.Claim() is { } segment)
        {
            if (!await FillAsync(segment, part, cancellationToken).ConfigureAwait(false))
                return false;
            part = null;
        }
        return true;
    }

    private async Task<bool> FillAsync(Segment segment, RemotePart? part, CancellationToken cancellationToken)
    {
        for (var hasBroken = false; ; hasBroken = true)
        {
            var start = segment.Position;
            part ??= await _remote.OpenAsync(start, segment.End == _total ? null : segment.End, _validator, cancellationToken).ConfigureAwait(false);
            var openedAt = _remote.Clock.GetTimestamp();
            TimeSpan wait;
            try
            {
                if (!Belongs(part, start))
                {
                    // After a break, a server without ranges is asked for the whole as often as for a rest.
                    _hasChanged |= !hasBroken || part.Validator != _validator;
                    return false;
                }
                if (!await PartCopy.RunAsync(part.Body, segment, Write, cancellationToken).ConfigureAwait(false) || Settle(segment, part) is not { } early)
                    return true;
                throw early;
            }
            catch (NetworkException failure)
            {
                // Without a validator, or without ranges, everything has to be fetched again.
                var kept = _validator is null || _remote.RefusesRanges ? 0 : segment.Position - start;
                if (_rules.NextWait(failure, kept, openedAt) is not { } delay)
                    throw;
                wait = delay;
            }
            finally
            {
                await part.DisposeAsync().ConfigureAwait(false);
                part = null;
            }
            await Task.Delay(wait, _remote.Clock, cancellationToken).ConfigureAwait(false);
            if (_validator is null)
                return false;
        }
    }

    /// <summary>Judges the end of a part: null where its segment is whole, the error where it came too early.</summary>
    private NetworkException? Settle(Segment segment, RemotePart part)
    {
        var at = segment.Position;
        if ((segment.End ?? part.Total ?? part.To) is { } expected && at < expected)
            return _remote.EndedEarly(at, expected);
        if (segment.End is null)
        {
            _total ??= at;
            segment.EndHere();
        }
        return null;
    }

    private void Write(long offset, ReadOnlyMemory<byte> block)
    {
        try
        {
            RandomAccess.Write(_file!.Handle, block.Span, offset);
        }
        catch (Exception error) when (TransferFailure.IsLocal(error))
        {
            throw TransferFailure.Local(_target.Path, error);
        }
        _done.Add(offset, offset + block.Length);
        _hash?.Offer(offset, block.Span);
        _checkpoints.Wrote();
        _progress.Report(_done.Count, _total);
    }

    /// <summary>Checks the whole, and gives it its name.</summary>
    private async Task<TransferResult> FinishAsync(CancellationToken cancellationToken)
    {
        await _checkpoints.SettleAsync().ConfigureAwait(false);
        var length = _done.Count;
        if (_total is { } total && !IsComplete)
            throw Spoilt("size", $"{total}", $"{length}");
        _progress.Finish(length, length);
        var hash = _hash ?? (_announced is null ? null : new RunningHash());
        var sha256 = hash is null ? null : await Task.Run(() => Convert.ToHexStringLower(hash.Finish(_file!.Handle, length, cancellationToken)), cancellationToken).ConfigureAwait(false);
        foreach (var wanted in (string?[])[_options.Sha256?.ToLowerInvariant(), _announced is null ? null : Convert.ToHexStringLower(_announced)])
        {
            if (wanted is not null && wanted != sha256)
                throw Spoilt("SHA-256", wanted, sha256!);
        }
        _total = length;
        _checkpoints.Complete();
        _file!.Publish(_target, length, _options.Overwrite);
        JournalFile.Delete(_target);
        return Result(length, sha256, _resumedFrom);
    }

    private NetworkException Spoilt(string what, string expected, string actual)
    {
        _isSpoilt = true;
        return TransferFailure.Mismatch(_remote, _target.Path, what, expected, actual);
    }

    private TransferResult Result(long bytes, string? sha256, long resumedFrom) => new()
    {
        Path = _target.Path,
        Bytes = bytes,
        Sha256 = sha256,
        ResumedFrom = resumedFrom,
        Elapsed = _remote.Clock.GetElapsedTime(_startedAt),
        ETag = _etag,
    };

    /// <summary>Leaves what a later run can use, and nothing else.</summary>
    private async Task AbandonAsync(NetworkException? failure)
    {
        failure?.Complete(failure.Failure with { Attempts = [.. _rules.Failed, .. failure.Attempts], Elapsed = _remote.Clock.GetElapsedTime(_startedAt) });
        if (_file is null)
            return;
        await _checkpoints.SettleAsync().ConfigureAwait(false);
        var kept = _done.Count;
        if (_options.KeepPartial && _validator is not null && kept > 0 && !_isSpoilt)
        {
            KeepPartial();
            if (failure is not null && failure.Code != ErrorCodes.LocalIo)
                failure.Complete(failure.Failure with { Hint = $"{kept}{(_total is { } total ? $" of {total}" : "")} bytes are kept; fetch again and go on from there (Resume, --resume)." });
            return;
        }
        DropFile();
        JournalFile.Delete(_target);
    }

    private void KeepPartial()
    {
        if (_checkpoints.Finish())
            return;
        // The disk is full to the last byte: the end of the file makes room for the journal.
        try
        {
            _done.CutAt(Math.Max(0, _done.End - RoomForJournal));
            RandomAccess.SetLength(_file!.Handle, _done.End);
            _checkpoints.Finish();
        }
        catch (Exception error) when (TransferFailure.IsLocal(error))
        {
            // Then a later run finds what the journal before this one names.
        }
    }

    private void DropFile()
    {
        _file?.Delete();
        _file = null;
    }

    private TransferJournal Journal() => new()
    {
        Format = TransferJournal.CurrentFormat,
        Source = _remote.Source,
        Temporary = _file!.Name,
        Validator = _validator,
        ETag = _etag,
        Total = _total,
        Done = _done.ToPairs(),
    };
}

namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>
/// Keeps the journal of a transfer true while it runs: now and then, beside the work, what has been written is forced to the disk and then
/// noted. Thread-safe.
/// </summary>
internal sealed class Checkpoints(TargetFile target, TimeProvider clock)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private Task _running = Task.CompletedTask;
    private Func<TransferJournal>? _journal;
    private PartialFile? _file;
    private long _last;
    private TimeSpan _pause = Shortest;
    private bool _isDirty;

    /// <summary>Notes the unfinished file, so that a later run finds it; waiting for the disk can wait.</summary>
    public void Start(PartialFile file, Func<TransferJournal> journal)
    {
        (_file, _journal) = (file, journal);
        _last = clock.GetTimestamp();
        _pause = Shortest;
        _isDirty = false;
        JournalFile.Save(target, journal(), isDurable: false);
    }

    /// <summary>Something was written: time for a checkpoint, perhaps.</summary>
    public void Wrote()
    {
        lock (_lock)
        {
            _isDirty = true;
            if (_running.IsCompleted && clock.GetElapsedTime(_last) >= _pause)
                _running = Task.Run(() => { Save(); });
        }
    }

    /// <summary>Waits for the checkpoint under way; none begins afterwards unless something is written.</summary>
    public Task SettleAsync()
    {
        lock (_lock)
            return _running;
    }

    /// <summary>Notes that all is there, before the file gets its name: a run that is killed in between has still done its work.</summary>
    public void Complete()
    {
        if (_journal is null)
            return;
        try
        {
            JournalFile.Save(target, _journal(), isDurable: false);
        }
        catch (Exception error) when (TransferFailure.IsLocal(error))
        {
            // The file itself is what counts.
        }
    }

    /// <summary>The last checkpoint of a transfer that ends unfinished; false where the disk refuses it.</summary>
    public bool Finish() => !_isDirty || Save();

    private bool Save()
    {
        var start = clock.GetTimestamp();
        try
        {
            // What is noted was written before the disk is told to keep it.
            _isDirty = false;
            var journal = _journal!();
            RandomAccess.FlushToDisk(_file!.Handle);
            JournalFile.Save(target, journal, isDurable: true);
            return true;
        }
        catch (Exception error) when (TransferFailure.IsLocal(error) || error is ObjectDisposedException)
        {
            // The journal before this one still holds: it names fewer bytes. A full disk shows when the file itself is written.
            _isDirty = true;
            return false;
        }
        finally
        {
            // A slow disk is left alone for most of the time.
            _last = clock.GetTimestamp();
            var took = clock.GetElapsedTime(start, _last) * 10;
            _pause = took > Shortest ? took : Shortest;
        }
    }
}

namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>Reads and writes the journal beside a target. It is replaced whole, so a reader meets the old one or the new one.</summary>
internal static class JournalFile
{
    private const int LargestBytes = 1024 * 1024;

    /// <summary>The journal that an earlier run left; null where there is none that can be trusted.</summary>
    public static TransferJournal? Load(TargetFile target)
    {
        try
        {
            // A journal that others could have laid here would let them choose the bytes of the file.
            if (FileFacts.Of(target.JournalPath) is { IsPrivate: false } || new FileInfo(target.JournalPath) is not { Exists: true, LinkTarget: null, Length: <= LargestBytes })
                return null;
            return TransferJournal.Parse(File.ReadAllBytes(target.JournalPath)) is { } journal && target.IsTemporary(journal.Temporary) ? journal : null;
        }
        catch (Exception error) when (TransferFailure.IsLocal(error))
        {
            return null;
        }
    }

    /// <summary>Writes the journal.</summary>
    /// <param name="target">What it is about.</param>
    /// <param name="journal">What it says.</param>
    /// <param name="isDurable">Whether it must survive a loss of power; one that does not is torn and counts as none.</param>
    public static void Save(TargetFile target, TransferJournal journal, bool isDurable)
    {
        var beside = Path.Combine(target.Folder, target.FreshTemporary());
        try
        {
            using (var file = PartialFile.CreatePrivate(beside))
            {
                file.Write(journal.ToJson());
                if (isDurable)
                    file.Flush(flushToDisk: true);
            }
            File.Move(beside, target.JournalPath, overwrite: true);
            if (isDurable)
                Durable.SyncFolder(target.Folder);
        }
        catch (Exception error) when (TransferFailure.IsLocal(error))
        {
            PartialFile.Delete(beside);
            throw;
        }
    }

    public static void Delete(TargetFile target) => PartialFile.Delete(target.JournalPath);
}

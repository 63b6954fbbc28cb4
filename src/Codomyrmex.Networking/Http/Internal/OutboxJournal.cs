using Codomyrmex.Networking.Http.Protocol;
using Codomyrmex.Networking.Transfers.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// The file of an outbox: lines that are only ever added, each on the disk before its request is sent, and now and then written anew without what is done. Whoever has it open has it alone.
/// Not thread-safe.
/// </summary>
internal sealed class OutboxJournal : IDisposable
{
    // Less than this of what is done is not worth a new file.
    private const long Slack = 256 * 1024;

    // Whoever opens the file just before it is replaced gets the old one, and its lock once that is let go. So the right to it is that to a second file, which is never replaced.
    private readonly FileStream _right;
    private readonly string _path;
    private readonly long _largest;
    private readonly Dictionary<string, (OutboxRecord Record, long Bytes)> _waiting = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];
    private FileStream _file;
    private long _length;

    private OutboxJournal(string path, long largest)
    {
        (_path, _largest) = (path, largest);
        _right = Opened(path + ".lock", FileMode.OpenOrCreate);
        try
        {
            _file = Opened(path, FileMode.OpenOrCreate);
        }
        catch
        {
            _right.Dispose();
            throw;
        }
    }

    /// <summary>The requests that wait, the oldest first.</summary>
    public IEnumerable<OutboxRecord> Waiting => _order.Where(_waiting.ContainsKey).Select(key => _waiting[key].Record);

    public int Count => _waiting.Count;

    /// <summary>The bytes of the requests that wait.</summary>
    public long WaitingBytes { get; private set; }

    /// <summary>Opens the file, made where there is none, and reads what waits in it. What a crash left unfinished at its end is cut off: nothing of it was promised.</summary>
    public static OutboxJournal Open(string path, long maxBytes)
    {
        path = Path.GetFullPath(path);
        OutboxJournal journal;
        try
        {
            journal = new OutboxJournal(path, (2 * maxBytes) + (2 * Slack));
        }
        catch (Exception error) when (TransferFailure.IsLocal(error))
        {
            throw Failure($"The outbox '{path}' cannot be opened: {error.Message}", error, "Only one process may have it open; check its folder's permissions.");
        }
        try
        {
            journal.Load();
            Durable.SyncFolder(Path.GetDirectoryName(path)!);
            return journal;
        }
        catch (Exception error)
        {
            journal.Dispose();
            if (TransferFailure.IsLocal(error))
                throw Failure($"The outbox '{path}' cannot be read: {error.Message}", error, "Check the disk.");
            throw;
        }
    }

    public bool Has(string key) => _waiting.ContainsKey(key);

    /// <summary>Adds a request; it is on the disk when this returns.</summary>
    public void Add(OutboxRecord record, byte[] line)
    {
        Append(line, isDurable: true);
        _waiting.Add(record.Key, (record, line.Length));
        _order.Add(record.Key);
        WaitingBytes += line.Length;
    }

    /// <summary>A request waits no longer. That is not forced onto the disk: where it is lost, the server is asked once more, and knows the key.</summary>
    public void Remove(string key)
    {
        if (!_waiting.Remove(key, out var entry))
            return;
        WaitingBytes -= entry.Bytes;
        _order.Remove(key);
        try
        {
            Append(new OutboxRecord(key).ToLine(), isDurable: false);
        }
        catch (NetworkException error) when (error.Code == ErrorCodes.OutboxJournal)
        {
            // The request has been answered, whatever the disk says.
            return;
        }
        if (_length > (2 * WaitingBytes) + Slack)
            Compact();
    }

    public void Dispose()
    {
        _file.Dispose();
        _right.Dispose();
    }

    private void Load()
    {
        if (_file.Length > _largest)
            throw Failure($"The outbox '{_path}' has {_file.Length} bytes, more than any that was written with this limit (OutboxOptions.MaxBytes).", null, "Raise the limit.");
        var bytes = new byte[_file.Length];
        _file.ReadExactly(bytes);
        var rest = bytes.AsSpan();
        while (rest.IndexOf((byte)'\n') is >= 0 and var end && OutboxRecord.Parse(rest[..end]) is { } record)
        {
            Apply(record, end + 1);
            rest = rest[(end + 1)..];
            _length += end + 1;
        }
        if (HasRecord(rest))
            throw Failure($"The outbox '{_path}' is damaged at byte {_length}: whole records follow what is none.", null, "Nothing in it was changed or sent. Look at it, and move it away.");
        if (rest.Length > 0)
            Cut();
        _file.Position = _length;
    }

    private void Apply(OutboxRecord record, int bytes)
    {
        if (record.Method is null)
        {
            if (_waiting.Remove(record.Key, out var done))
                WaitingBytes -= done.Bytes;
            return;
        }
        if (!_waiting.TryAdd(record.Key, (record, bytes)))
            return;
        _order.Remove(record.Key);
        _order.Add(record.Key);
        WaitingBytes += bytes;
    }

    // Each addition is on the disk before the next; what says that a request is done may be torn or lost. Anything else was not ours.
    private static bool HasRecord(ReadOnlySpan<byte> rest)
    {
        while (rest.IndexOf((byte)'\n') is >= 0 and var end)
        {
            if (OutboxRecord.Parse(rest[..end]) is { Method: not null })
                return true;
            rest = rest[(end + 1)..];
        }
        return false;
    }

    private void Append(byte[] line, bool isDurable)
    {
        try
        {
            _file.Write(line);
            _file.Flush(flushToDisk: isDurable);
            _length += line.Length;
        }
        catch (Exception error) when (TransferFailure.IsLocal(error))
        {
            // Half a line would make nonsense of the next one.
            try
            {
                Cut();
                _file.Position = _length;
            }
            catch (IOException)
            {
                // Then the next one fails as well, and whoever opens it cuts it.
            }
            throw Failure($"The outbox '{_path}' cannot be written: {error.Message}", error, "Make room on the disk. The request was not sent.");
        }
    }

    private void Cut()
    {
        _file.SetLength(_length);
        _file.Flush(flushToDisk: true);
    }

    /// <summary>Writes what waits into a new file and puts it in the place of the old one. It is locked before anybody can see it.</summary>
    private void Compact()
    {
        var beside = $"{_path}.{Path.GetRandomFileName()}";
        FileStream? fresh = null;
        try
        {
            fresh = Opened(beside, FileMode.CreateNew);
            foreach (var record in Waiting)
                fresh.Write(record.ToLine());
            fresh.Flush(flushToDisk: true);
            var length = fresh.Length;
            File.Move(beside, _path, overwrite: true);
            Durable.SyncFolder(Path.GetDirectoryName(_path)!);
            _file.Dispose();
            (_file, _length, fresh) = (fresh, length, null);
        }
        catch (Exception error) when (TransferFailure.IsLocal(error))
        {
            // The old file is whole; it only stays longer than it need be.
            fresh?.Dispose();
            File.Delete(beside);
        }
    }

    // Alone: on Unix that is a lock which other programs of .NET heed, and which dies with the process.
    private static FileStream Opened(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private static NetworkException Failure(string message, Exception? cause, string hint) => new NetworkFailure
    {
        Code = ErrorCodes.OutboxJournal,
        Message = message,
        Hint = hint,
    }.ToException(cause);
}

namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>
/// A stretch of the file that one connection fetches. Another may take its end away while it is under way. Thread-safe.
/// </summary>
internal sealed class Segment(long from, long end)
{
    private readonly Lock _lock = new();
    private long _position = from;
    private long _end = end;

    /// <summary>The offset of the next byte to be written.</summary>
    public long Position
    {
        get
        {
            lock (_lock)
                return _position;
        }
    }

    /// <summary>The offset behind its last byte; null while the size of the file is not known.</summary>
    public long? End
    {
        get
        {
            lock (_lock)
                return _end == long.MaxValue ? null : _end;
        }
    }

    public long Remaining
    {
        get
        {
            lock (_lock)
                return _end - _position;
        }
    }

    /// <summary>How many bytes may still be read behind those that wait to be written.</summary>
    public int Room(int waiting, int atMost)
    {
        lock (_lock)
            return (int)Math.Clamp(_end - _position - waiting, 0, atMost);
    }

    /// <summary>Claims the next bytes of the file; fewer where the end has come nearer since they were asked for.</summary>
    public (long Offset, int Count) Take(int count)
    {
        lock (_lock)
        {
            var offset = _position;
            count = (int)Math.Min(count, _end - _position);
            _position += count;
            return (offset, count);
        }
    }

    /// <summary>The stream ended here, and with it the file.</summary>
    public void EndHere()
    {
        lock (_lock)
            _end = _position;
    }

    /// <summary>Gives the second half away, where it is worth a connection of its own.</summary>
    public Segment? Split(long smallest)
    {
        lock (_lock)
        {
            if (_end == long.MaxValue || _end - _position < 2 * smallest)
                return null;
            var middle = _position + ((_end - _position) / 2);
            var half = new Segment(middle, _end);
            _end = middle;
            return half;
        }
    }
}

using System.Runtime.InteropServices;
using System.Text.Json;
using Codomyrmex.Networking.Rpc.Protocol;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>A call that is answered item by item. Holds what has come and nobody has taken yet: at most a window's bytes and one item.</summary>
internal sealed class StreamedAnswer(int window) : PendingCall
{
    // Bytes of their own: an element would keep the whole message alive that it came in.
    private readonly Queue<byte[]> _items = new();
    private readonly Lock _lock = new();
    private TaskCompletionSource? _waiting;
    private long _held;
    private long _taken;
    private int _owed;
    private Envelope? _end;
    private NetworkException? _failure;
    private bool _isOverrun;

    /// <summary>How many items were taken.</summary>
    public long Taken => _taken;

    /// <summary>Whether the peer sent more than it was allowed to.</summary>
    public bool IsOverrun => _isOverrun;

    /// <summary>The answer that ended the items; null until then.</summary>
    public Envelope? End => _end;

    /// <summary>Takes the next item, if one is there. Where there is none and none will come, <paramref name="isOver"/> is true.</summary>
    /// <exception cref="NetworkException">The conversation ended first.</exception>
    public bool TryTake(out JsonElement item, out bool isOver)
    {
        lock (_lock)
        {
            isOver = false;
            item = default;
            if (_items.TryDequeue(out var raw))
            {
                item = JsonElement.Parse(raw);
                _held -= raw.Length;
                _owed += raw.Length;
                _taken++;
                return true;
            }
            if (_failure is not null)
                throw _failure;
            isOver = _end is not null || _isOverrun;
            return false;
        }
    }

    /// <summary>Bytes to give back to the peer, once they are worth a message; 0 for none yet.</summary>
    public int TakeCredit()
    {
        // Half a window, so that the peer never waits for want of a message, and seldom for one on its way.
        if (_owed < window / 2 + 1)
            return 0;
        var credit = _owed;
        _owed = 0;
        return credit;
    }

    /// <summary>Done when there is something to take, or an end.</summary>
    public Task WaitAsync()
    {
        lock (_lock)
        {
            if (_items.Count > 0 || _end is not null || _failure is not null || _isOverrun)
                return Task.CompletedTask;
            _waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _waiting.Task;
        }
    }

    public override bool TryAdd(JsonElement item)
    {
        var raw = JsonMarshal.GetRawUtf8Value(item);
        lock (_lock)
        {
            if (_held >= window)
                _isOverrun = true;
            else
                _items.Enqueue(raw.ToArray());
            _held += raw.Length;
            Wake();
        }
        return true;
    }

    public override void Complete(Envelope answer)
    {
        lock (_lock)
        {
            _end = answer;
            Wake();
        }
    }

    public override void Fail(NetworkException reason)
    {
        lock (_lock)
        {
            _failure = reason;
            Wake();
        }
    }

    private void Wake()
    {
        _waiting?.TrySetResult();
        _waiting = null;
    }
}

using System.Buffers;
using Codomyrmex.Networking.WebSockets.Protocol;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>
/// Masked frames that wait to be written, in memory of the pool, and where among them whole messages lie. Not thread-safe: the lock of its
/// <see cref="FrameSender"/> guards it.
/// </summary>
internal sealed class FrameBuffer(int limit)
{
    private const int FirstSize = 4 * 1024;

    private readonly FrameMask _masks = new();
    private byte[] _bytes = [];
    private int _lastSize = FirstSize;

    // The frame that has begun and not ended.
    private uint _mask;
    private int _masked;
    private bool _endsMessage;

    // Where the messages lie that have begun and ended in it, and how many they are.
    private int _wholeFrom;
    private int _wholeTo;
    private int _whole;
    private bool _isMidMessage;

    /// <summary>Bytes that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Whether a frame has begun of which more must follow before anything else.</summary>
    public bool IsMidFrame { get; private set; }

    /// <summary>Whether so many bytes more may wait. What is larger than the limit goes into an empty one.</summary>
    public bool HasRoom(int size) => Count == 0 || Count + size <= limit;

    /// <summary>Appends a message of one frame.</summary>
    public void AppendMessage(Opcode kind, ReadOnlySpan<byte> payload, bool isCompressed)
    {
        AppendFrame(kind, payload, isCompressed);
        EndMessage();
    }

    /// <summary>Appends a whole frame that is no message's: a control frame.</summary>
    public void AppendControl(Opcode opcode, ReadOnlySpan<byte> payload) => AppendFrame(opcode, payload, isCompressed: false);

    /// <summary>Begins a frame of a message; <see cref="Continue"/> brings its payload.</summary>
    public void Begin(Opcode opcode, bool endsMessage, bool isCompressed, int length)
    {
        _mask = _masks.Next();
        FrameHeader.Write(Reserve(FrameHeader.SizeFor(length)), opcode, endsMessage, isCompressed, length, _mask);
        (_masked, _endsMessage, IsMidFrame, _isMidMessage) = (0, endsMessage, true, true);
    }

    /// <summary>Appends what of the rest of its payload goes in until that many bytes wait.</summary>
    /// <returns>The number of bytes appended; once it is all of the rest, the frame has ended.</returns>
    public int Continue(ReadOnlySpan<byte> rest, int upTo)
    {
        var part = rest[..Math.Min(rest.Length, Math.Max(0, upTo - Count))];
        FrameMask.Apply(part, Reserve(part.Length), FrameMask.Turn(_mask, _masked));
        _masked += part.Length;
        IsMidFrame = part.Length < rest.Length;
        if (!IsMidFrame && _endsMessage)
            EndMessage();
        return part.Length;
    }

    /// <summary>Takes all that waits. The array belongs to the pool; what comes next goes into another.</summary>
    public (byte[] Bytes, int Count) Take()
    {
        var taken = (_bytes, Count);
        _lastSize = Math.Clamp(Count, FirstSize, Math.Max(FirstSize, limit));
        (_bytes, Count) = ([], 0);
        (_wholeFrom, _wholeTo, _whole) = (_isMidMessage ? int.MaxValue : 0, 0, 0);
        return taken;
    }

    /// <summary>Takes out the messages that lie in it whole.</summary>
    public UnsentMessages TakeMessages(bool areCompressed)
    {
        if (_whole == 0)
            return new UnsentMessages(0, [], areCompressed);
        var messages = new UnsentMessages(_whole, _bytes.AsSpan(_wholeFrom, _wholeTo - _wholeFrom).ToArray(), areCompressed);
        _bytes.AsSpan(_wholeTo, Count - _wholeTo).CopyTo(_bytes.AsSpan(_wholeFrom));
        Count -= messages.Frames.Length;
        (_wholeTo, _whole) = (_wholeFrom, 0);
        return messages;
    }

    /// <summary>Appends messages that were taken out of another one.</summary>
    public void Add(UnsentMessages messages)
    {
        messages.Frames.CopyTo(Reserve(messages.Frames.Length));
        (_whole, _wholeTo) = (_whole + messages.Count, Count);
    }

    private void AppendFrame(Opcode opcode, ReadOnlySpan<byte> payload, bool isCompressed)
    {
        var mask = _masks.Next();
        FrameHeader.Write(Reserve(FrameHeader.SizeFor(payload.Length)), opcode, isFinal: true, isCompressed, payload.Length, mask);
        FrameMask.Apply(payload, Reserve(payload.Length), mask);
    }

    private void EndMessage()
    {
        _isMidMessage = false;
        // One that began in an earlier buffer ends here, and the first whole one begins.
        if (_wholeFrom > Count)
            _wholeFrom = Count;
        else
            _whole++;
        _wholeTo = Count;
    }

    private Span<byte> Reserve(int count)
    {
        if (Count + count > _bytes.Length)
            Grow(Count + count);
        Count += count;
        return _bytes.AsSpan(Count - count, count);
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, _bytes.Length == 0 ? _lastSize : _bytes.Length * 2));
        _bytes.AsSpan(0, Count).CopyTo(larger);
        if (_bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}

namespace Codomyrmex.Networking.Sockets.Internal;

/// <summary>Frames of one length.</summary>
internal sealed class FixedLengthFraming : Framing
{
    private readonly int _length;

    public FixedLengthFraming(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        _length = length;
    }

    public override int Overhead => 0;

    public override FrameScan Scan(ReadOnlySpan<byte> received, ref int searched) =>
        received.Length >= _length ? FrameScan.Complete(0, _length, _length) : FrameScan.Incomplete(0, _length);

    public override void Check(ReadOnlySpan<byte> payload)
    {
        if (payload.Length != _length)
            throw new ArgumentException($"A frame has {_length} bytes, not {payload.Length}.", nameof(payload));
    }

    public override string ToString() => $"fixed:{_length}";
}

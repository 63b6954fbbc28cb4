namespace Codomyrmex.Networking.Sockets.Internal;

/// <summary>Frames that end with a sequence of bytes: lines, and what is like them.</summary>
internal sealed class DelimiterFraming(ReadOnlySpan<byte> end, ReadOnlySpan<byte> written, bool dropsCarriageReturn) : Framing
{
    private readonly byte[] _end = end.ToArray();
    private readonly byte[] _written = written.ToArray();

    public override int Overhead => Math.Max(_end.Length + (dropsCarriageReturn ? 1 : 0), _written.Length);

    public override FrameScan Scan(ReadOnlySpan<byte> received, ref int searched)
    {
        var index = received[searched..].IndexOf(_end);
        if (index < 0)
        {
            // A delimiter may have begun in the last bytes.
            searched = Math.Max(0, received.Length - _end.Length + 1);
            return FrameScan.Incomplete();
        }
        var length = searched + index;
        var consumed = length + _end.Length;
        if (dropsCarriageReturn && length > 0 && received[length - 1] == '\r')
            length--;
        return FrameScan.Complete(0, length, consumed);
    }

    public override void Check(ReadOnlySpan<byte> payload)
    {
        // A payload that ends with the beginning of the delimiter could make one together with what follows.
        if (payload.IndexOf(_end) >= 0 || (_end.Length > 1 && OverlapsEnd(payload)))
            throw new ArgumentException("A frame cannot hold the delimiter that ends it: the peer would read two.", nameof(payload));
        if (dropsCarriageReturn && payload.EndsWith("\r"u8))
            throw new ArgumentException("A line cannot end with CR: the peer would take it for a part of the end.", nameof(payload));
    }

    public override int WriteTrailer(Span<byte> destination)
    {
        _written.CopyTo(destination);
        return _written.Length;
    }

    public override string ToString() => dropsCarriageReturn ? (_written.Length == 1 ? "line" : "crlf") : "delimiter:" + Convert.ToHexStringLower(_end);

    // The delimiter as it will stand behind the payload must be the first one to be found.
    private bool OverlapsEnd(ReadOnlySpan<byte> payload)
    {
        Span<byte> seam = stackalloc byte[2 * 64];
        var tail = payload[^Math.Min(payload.Length, _end.Length - 1)..];
        tail.CopyTo(seam);
        _end.CopyTo(seam[tail.Length..]);
        return seam[..(tail.Length + _end.Length)].IndexOf(_end) < tail.Length;
    }
}

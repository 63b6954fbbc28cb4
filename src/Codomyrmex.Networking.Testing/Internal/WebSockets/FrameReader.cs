namespace Codomyrmex.Networking.Testing.Internal.WebSockets;

/// <summary>Reads frames off a connection, checked as they come. Not thread-safe.</summary>
internal sealed class FrameReader(FaultyLink link, byte[] ahead, FrameRules rules, int maxPayload)
{
    private byte[] _buffer = ahead;
    private int _start, _end = ahead.Length;

    /// <summary>The next frame with its whole payload; null where the client ended between two frames.</summary>
    /// <exception cref="ClientFaultException">The frame breaks a rule.</exception>
    public async ValueTask<WebSocketServerFrame?> ReadAsync(CancellationToken cancellationToken)
    {
        var head = new byte[14];
        if (!await TryFillAsync(head.AsMemory(0, 2), cancellationToken).ConfigureAwait(false))
            return null;
        var rest = FrameHeader.RestLength(head[1]);
        await FillAsync(head.AsMemory(2, rest), cancellationToken).ConfigureAwait(false);
        var frame = FrameHeader.Read(head.AsSpan(0, 2 + rest), out var problem);
        rules.Check(frame, problem);
        if (frame.Length > maxPayload)
            throw new ClientFaultException(1009, "A frame is too large.");
        var payload = GC.AllocateUninitializedArray<byte>((int)frame.Length);
        await FillAsync(payload, cancellationToken).ConfigureAwait(false);
        FrameHeader.Unmask(payload, frame.MaskKey!.Value);
        return frame with { Payload = payload };
    }

    private async ValueTask FillAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (!destination.IsEmpty && !await TryFillAsync(destination, cancellationToken).ConfigureAwait(false))
            throw new EndOfStreamException("The client ended within a frame.");
    }

    private async ValueTask<bool> TryFillAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        for (var filled = 0; filled < destination.Length;)
        {
            if (_start < _end)
            {
                var count = Math.Min(_end - _start, destination.Length - filled);
                _buffer.AsMemory(_start, count).CopyTo(destination[filled..]);
                _start += count;
                filled += count;
                continue;
            }
            // Large payloads go past the buffer.
            var isLarge = destination.Length - filled >= 16384;
            if (!isLarge && _buffer.Length < 16384)
                _buffer = new byte[16384];
            var read = await link.ReadAsync(isLarge ? destination[filled..] : _buffer, cancellationToken).ConfigureAwait(false);
            if (read == 0)
                return filled == 0 ? false : throw new EndOfStreamException("The client ended within a frame.");
            (_start, _end) = isLarge ? (0, 0) : (0, read);
            filled += isLarge ? read : 0;
        }
        return true;
    }
}

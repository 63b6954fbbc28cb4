namespace Codomyrmex.Networking.WebSockets.Protocol;

/// <summary>
/// Which frame may come next from a server, and how much of it: the order of fragments, the form of control frames and the limits (RFC 6455,
/// sections 5.2 to 5.5; RFC 7692, section 6). Fed with each head before its payload.
/// </summary>
internal struct FrameRules(long messageBytes, long frameBytes, int fragments, bool isCompressionAgreed)
{
    private int _frames;
    private long _length;

    /// <summary>Whether a message has begun and not ended.</summary>
    public bool InMessage { get; private set; }

    /// <summary>What the message under way, or the last one, is.</summary>
    public Opcode Kind { get; private set; }

    /// <summary>Whether the message under way, or the last one, is compressed.</summary>
    public bool IsCompressed { get; private set; }

    /// <summary>Takes the head of the next frame.</summary>
    /// <returns>What is wrong with it; null where nothing is.</returns>
    public ProtocolFault? Accept(in FrameHeader header)
    {
        if (header.HasUnknownBits)
            return Broken("set a reserved bit of a frame");
        if (header.IsMasked)
            return Broken("masked a frame, which only clients do");
        if (header.Length < 0)
            return Broken("sent a frame whose length has its highest bit set");
        if (header.IsControl)
            return Control(header);
        switch (header.Opcode)
        {
            case Opcode.Text or Opcode.Binary:
                if (InMessage)
                    return Broken("began a message in the middle of another");
                if (header.IsCompressed && !isCompressionAgreed)
                    return Broken("sent a compressed message, which was not agreed");
                (Kind, IsCompressed, _frames, _length) = (header.Opcode, header.IsCompressed, 0, 0);
                break;
            case Opcode.Continuation:
                if (!InMessage)
                    return Broken("continued a message that had not begun");
                if (header.IsCompressed)
                    return Broken("set a reserved bit of a frame");
                break;
            default:
                return Broken($"sent a frame of the reserved kind {(int)header.Opcode}");
        }
        InMessage = !header.IsFinal;
        if (header.Length > frameBytes)
            return TooLarge($"sent a frame of {header.Length} bytes; {frameBytes} are allowed (WebSocketLimits.FrameBytes)");
        // What a compressed message becomes is counted while it is inflated; on the wire it may not be longer either.
        if (header.Length > messageBytes - _length)
            return TooLarge($"sent a message of more than {messageBytes} bytes (WebSocketLimits.MessageBytes)");
        _length += header.Length;
        // Empty ones count as well: they cost the same to take apart.
        return ++_frames > fragments ? TooLarge($"sent a message in more than {fragments} frames (WebSocketLimits.Fragments)") : null;
    }

    private static ProtocolFault? Control(in FrameHeader header)
    {
        if (header.Opcode is not (Opcode.Close or Opcode.Ping or Opcode.Pong))
            return Broken($"sent a frame of the reserved kind {(int)header.Opcode}");
        if (!header.IsFinal)
            return Broken("sent a control frame in fragments");
        if (header.IsCompressed)
            return Broken("set a reserved bit of a frame");
        return header.Length > FrameHeader.MaxControlPayload ? Broken($"sent a control frame of more than {FrameHeader.MaxControlPayload} bytes") : null;
    }

    private static ProtocolFault Broken(string reason) => new(WebSocketCloseCode.ProtocolError, reason);

    private static ProtocolFault TooLarge(string reason) => new(WebSocketCloseCode.MessageTooBig, reason);
}

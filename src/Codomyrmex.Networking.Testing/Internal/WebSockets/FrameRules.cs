namespace Codomyrmex.Networking.Testing.Internal.WebSockets;

/// <summary>What a server demands of each frame of a client (RFC 6455, section 5), and where in a message the next one stands.</summary>
internal sealed class FrameRules(bool compresses)
{
    private bool _inMessage, _closed;

    /// <exception cref="ClientFaultException">The frame breaks a rule.</exception>
    public void Check(WebSocketServerFrame frame, string? problem)
    {
        problem ??= _closed ? "A frame follows the close frame." : Problem(frame);
        if (problem is not null)
            throw new ClientFaultException(1002, problem);
        if (frame.Opcode == WebSocketOpcode.Close)
            _closed = true;
        else if (frame.Opcode <= WebSocketOpcode.Binary)
            _inMessage = !frame.IsFinal;
    }

    private string? Problem(WebSocketServerFrame frame)
    {
        if (frame.MaskKey is null)
            return "A frame is not masked.";
        if ((frame.Rsv & 3) != 0)
            return "RSV2 or RSV3 is set.";
        if (frame.Rsv != 0 && !(compresses && frame.Opcode is WebSocketOpcode.Text or WebSocketOpcode.Binary))
            return "RSV1 is set on a frame that cannot begin a compressed message.";
        return frame.Opcode switch
        {
            WebSocketOpcode.Continuation => _inMessage ? null : "A continuation continues nothing.",
            WebSocketOpcode.Text or WebSocketOpcode.Binary => _inMessage ? "A message begins within another." : null,
            WebSocketOpcode.Close or WebSocketOpcode.Ping or WebSocketOpcode.Pong =>
                frame.Length > 125 ? "A control frame is longer than 125 bytes." : frame.IsFinal ? null : "A control frame is fragmented.",
            _ => $"The opcode {(int)frame.Opcode} is reserved.",
        };
    }
}

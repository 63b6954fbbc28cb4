using System.Buffers;
using System.Text.Unicode;

namespace Codomyrmex.Networking.Testing.Internal.WebSockets;

/// <summary>Puts data frames together to messages. Not thread-safe.</summary>
internal sealed class MessageBuilder(Inflater? inflater, int maxBytes)
{
    private readonly ArrayBufferWriter<byte> _parts = new();
    private bool _isText, _isCompressed;
    private int _frames;

    /// <summary>Adds a data frame that the rules allow; the message where the frame was its last.</summary>
    /// <exception cref="ClientFaultException">The message is no UTF-8, cannot be inflated or is too large.</exception>
    public WebSocketServerMessage? Add(WebSocketServerFrame frame)
    {
        if (frame.Opcode != WebSocketOpcode.Continuation)
            (_isText, _isCompressed, _frames) = (frame.Opcode == WebSocketOpcode.Text, frame.Rsv == 4, 0);
        _frames++;
        if (_parts.WrittenCount + frame.Length > maxBytes)
            throw new ClientFaultException(1009, "A message is too large.");
        if (!frame.IsFinal || _frames > 1)
            _parts.Write(frame.Payload.Span);
        if (!frame.IsFinal)
            return null;
        var bytes = _frames == 1 ? frame.Payload : _parts.WrittenSpan.ToArray();
        _parts.ResetWrittenCount();
        if (_isCompressed)
            bytes = inflater!.Inflate(bytes.Span, maxBytes);
        if (_isText && !Utf8.IsValid(bytes.Span))
            throw new ClientFaultException(1007, "A text is no UTF-8.");
        return new WebSocketServerMessage(_isText, bytes, _frames, _isCompressed);
    }
}

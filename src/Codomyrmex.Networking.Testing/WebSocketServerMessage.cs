using System.Text;

namespace Codomyrmex.Networking.Testing;

/// <summary>A whole message that a client sent to a <see cref="WebSocketServer"/>, inflated where it was compressed. Immutable.</summary>
/// <param name="IsText">Whether it is text, valid UTF-8 then; else bytes.</param>
/// <param name="Bytes">The content.</param>
/// <param name="Frames">How many frames it came in.</param>
/// <param name="WasCompressed">Whether it came compressed (RFC 7692).</param>
public sealed record WebSocketServerMessage(bool IsText, ReadOnlyMemory<byte> Bytes, int Frames, bool WasCompressed)
{
    /// <summary>The content as text; of a message of bytes, what UTF-8 makes of it.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    /// <summary>The text, or the number of bytes.</summary>
    public override string ToString() => IsText ? Text : $"{Bytes.Length} bytes";
}

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>Messages that a connection accepted and that had not begun to leave when it ended.</summary>
/// <param name="Count">How many they are.</param>
/// <param name="Frames">Their frames.</param>
/// <param name="IsCompressed">Whether they may be compressed, and so make sense on their own connection alone.</param>
internal sealed record UnsentMessages(int Count, byte[] Frames, bool IsCompressed)
{
    /// <summary>Whether they can go over a connection.</summary>
    public bool CanGoOver(FrameSender sender) => !IsCompressed && !sender.Compresses;
}

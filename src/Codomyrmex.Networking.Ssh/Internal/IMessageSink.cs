namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Who takes what a server sends. Called on the thread that reads from the socket: it must neither wait nor throw, and keeps nothing of the spans.</summary>
internal interface IMessageSink
{
    /// <summary>A message of the connection protocol, its number first.</summary>
    void Received(ReadOnlySpan<byte> payload);

    /// <summary>The content of SSH_MSG_CHANNEL_DATA, which is nearly all that ever comes.</summary>
    void ReceivedData(uint channel, ReadOnlySpan<byte> data);

    /// <summary>The connection is over; nothing comes after it.</summary>
    void Ended(NetworkException error);
}

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Who takes what comes on a channel. Called on the thread that reads from the socket: it must neither wait nor throw, and keeps nothing of the spans.</summary>
internal interface IChannelReader
{
    /// <summary>Bytes came. They count against the channel's window until they are given back by <see cref="SshChannel.Consumed"/>.</summary>
    void Data(ReadOnlySpan<byte> data, bool isError);

    /// <summary>No more bytes will come.</summary>
    void EndOfData();

    /// <summary>The peer says something of the channel (RFC 4254, section 6.10).</summary>
    void Request(string name, ReadOnlySpan<byte> data);

    /// <summary>The channel is closed; nothing comes any more.</summary>
    /// <param name="error">Why, where it did not end as it should.</param>
    void Closed(NetworkException? error);
}

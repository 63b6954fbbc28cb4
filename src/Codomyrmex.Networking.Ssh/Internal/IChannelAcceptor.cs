namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Who takes channels that a server opens: only forwards that were asked for.</summary>
internal interface IChannelAcceptor
{
    /// <summary>Whether a channel is one that was asked for; makes who reads from it. Must not wait.</summary>
    /// <param name="type">Its type, such as <c>forwarded-tcpip</c>.</param>
    /// <param name="data">What belongs to the type.</param>
    /// <returns>What makes its reader, and what begins when the channel stands; null refuses.</returns>
    (Func<SshChannel, IChannelReader> MakeReader, Action<SshChannel> Begin)? Accept(string type, ReadOnlySpan<byte> data);
}

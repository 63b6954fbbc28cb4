namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>
/// An SSH transport over which its user is authenticated: the seam between the engine below (RFC 4253, RFC 4252) and the connection protocol above
/// (RFC 4254), which is ours. Whole payloads go both ways.
/// </summary>
internal interface IMessageLink : IAsyncDisposable
{
    /// <summary>What was agreed on.</summary>
    SSHConnectionFacts Facts { get; }

    /// <summary>The hash of the first key exchange: what is signed over it counts for this connection alone (RFC 4253, section 7.2).</summary>
    ReadOnlyMemory<byte> SessionId { get; }

    /// <summary>Begins to hand on what the server sends, one message after the other.</summary>
    void Start(IMessageSink sink);

    /// <summary>Encrypts a payload and gives it to the socket; waits where that is full. One caller at a time.</summary>
    /// <exception cref="NetworkException">The connection is gone.</exception>
    void Send(ReadOnlyMemory<byte> payload);
}

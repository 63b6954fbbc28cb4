using System.Net;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>What a socket can do and a stream cannot. Safe to call at any time and from any thread: of a closed one there is nothing to say.</summary>
internal interface ISocketEnd
{
    EndPoint? Local { get; }

    EndPoint? Remote { get; }

    /// <summary>Bytes that have arrived and were not read yet.</summary>
    int Available { get; }

    /// <summary>The state of a TCP connection.</summary>
    TcpState State { get; }

    /// <summary>Ends this side (FIN, RFC 9293, section 3.6) and leaves the peer's open.</summary>
    void EndSending();

    /// <summary>Breaks the connection off (RST).</summary>
    void Abort();
}

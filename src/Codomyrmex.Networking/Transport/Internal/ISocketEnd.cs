using System.Net;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>What a socket can do and a stream cannot. Safe to call at any time and from any thread: of a closed one there is nothing to say.</summary>
internal interface ISocketEnd
{
    EndPoint? Local { get; }

    EndPoint? Remote { get; }

    /// <summary>Bytes that have arrived and were not read yet.</summary>
    int Available { get; }

    /// <summary>Whether the system has given the connection up (CLOSED, RFC 9293, section 3.3.2); false where it does not say.</summary>
    bool IsGivenUp { get; }

    /// <summary>Ends this side (FIN, RFC 9293, section 3.6) and leaves the peer's open.</summary>
    void EndSending();

    /// <summary>Breaks the connection off (RST).</summary>
    void Abort();
}

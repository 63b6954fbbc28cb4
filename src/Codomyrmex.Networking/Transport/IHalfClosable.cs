namespace Codomyrmex.Networking.Transport;

/// <summary>
/// A stream both of whose directions end on their own. Sockets are dealt with anyway; a stream of yours that
/// <see cref="TransportOptions.DialOver"/> opens may say so by this interface.
/// </summary>
public interface IHalfClosable
{
    /// <summary>Ends this side: the peer reads to the end of what was written. Reading goes on.</summary>
    void EndSending();
}

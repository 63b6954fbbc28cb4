namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Sends ICMP echo requests (RFC 792, RFC 4443). The egress policy has been asked before. Not thread-safe.</summary>
internal interface IEchoWire : IDisposable
{
    /// <summary>Sends a request; false where that cannot be done.</summary>
    /// <param name="token">What the answer is known by, 0 to 65535.</param>
    /// <param name="address">To whom.</param>
    bool TrySend(int token, ProbeAddress address);

    /// <summary>Takes an answer that has come; false where there is none.</summary>
    bool TryReceive(out int token);
}

namespace Codomyrmex.Networking.Sockets;

/// <summary>
/// Says whether a datagram is the reply to a request. Pure; it sees bytes that anybody may have sent. Ready-made ones are in <see cref="UDPCorrelations"/>.
/// </summary>
/// <param name="request">The request, as it was sent.</param>
/// <param name="reply">What came from where the request went to.</param>
public delegate bool UDPCorrelation(ReadOnlySpan<byte> request, ReadOnlySpan<byte> reply);

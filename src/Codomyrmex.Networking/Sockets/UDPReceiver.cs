using System.Net;

namespace Codomyrmex.Networking.Sockets;

/// <summary>Takes a datagram of <see cref="UDPClient.ReceiveLoop"/>, on the thread that receives.</summary>
/// <param name="data">What was in it; valid during the call.</param>
/// <param name="remoteEndPoint">Who sent it.</param>
/// <param name="isTruncated">Whether its end is lost.</param>
/// <returns>Whether to go on.</returns>
public delegate bool UDPReceiver(ReadOnlySpan<byte> data, IPEndPoint remoteEndPoint, bool isTruncated);

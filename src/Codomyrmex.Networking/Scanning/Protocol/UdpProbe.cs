namespace Codomyrmex.Networking.Scanning.Protocol;

/// <summary>A datagram that a server of a protocol answers, and how its answer is read.</summary>
/// <param name="Name">The protocol.</param>
/// <param name="Ports">Where it is sent.</param>
/// <param name="Question">The datagram.</param>
/// <param name="Read">Reads the answer.</param>
internal sealed record UdpProbe(string Name, int[] Ports, byte[] Question, ReadAnswer Read);

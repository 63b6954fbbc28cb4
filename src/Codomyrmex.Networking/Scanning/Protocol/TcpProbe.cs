namespace Codomyrmex.Networking.Scanning.Protocol;

/// <summary>A question to a server that waits to be asked, and how its answer is read.</summary>
/// <param name="Name">The protocol.</param>
/// <param name="Ports">Where it is asked first.</param>
/// <param name="Question">The bytes to send.</param>
/// <param name="Read">Reads the answer.</param>
internal sealed record TcpProbe(string Name, int[] Ports, byte[] Question, ReadAnswer Read);

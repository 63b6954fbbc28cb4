namespace Codomyrmex.Networking.Sockets;

/// <summary>What a <see cref="TCPServer"/> has done so far.</summary>
/// <param name="Open">Connections open now.</param>
/// <param name="Accepted">Connections accepted since the start, those that were turned away included.</param>
/// <param name="Refused">Of these, turned away by the limits of numbers, <see cref="TCPServerOptions.Allow"/> or <see cref="TCPServerOptions.Deny"/>.</param>
/// <param name="HandshakesFailed">Of these, turned away because of TLS or a PROXY header.</param>
/// <param name="Failed">Of these, ended by a peer's fault or an exception of the handler.</param>
public readonly record struct TCPServerStatistics(int Open, long Accepted, long Refused, long HandshakesFailed, long Failed);

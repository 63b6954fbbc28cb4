namespace Codomyrmex.Networking.Sockets;

/// <summary>What a <see cref="UDPClient"/> has done so far.</summary>
/// <param name="Sent">Datagrams sent.</param>
/// <param name="Received">Datagrams received, those that were dropped here included.</param>
/// <param name="Truncated">Of these, longer than the buffer.</param>
/// <param name="FromElsewhere">Datagrams dropped while requests waited, since no request went to where they came from.</param>
/// <param name="Unmatched">Datagrams dropped while requests waited: from the right place, but the reply to none.</param>
/// <param name="Unreachable">Notes that a datagram did not arrive.</param>
/// <param name="Retransmitted">Requests that were sent again.</param>
public readonly record struct UDPStatistics(long Sent, long Received, long Truncated, long FromElsewhere, long Unmatched, long Unreachable, long Retransmitted);

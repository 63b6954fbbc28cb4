using System.Net;

namespace Codomyrmex.Networking.Transport;

/// <summary>What a DNS server answered to one question.</summary>
/// <param name="Name">The name that was asked for, in ASCII, without the root's dot.</param>
/// <param name="Type">The type that was asked for.</param>
/// <param name="Records">The aliases on the way from the name, then the records of <paramref name="Type"/>, at least one.</param>
/// <param name="Server">The server that answered.</param>
/// <param name="Elapsed">Time from the question to the answer, lost tries included.</param>
/// <param name="OverTcp">Whether the answer was too long for UDP and came over TCP.</param>
/// <param name="IsAuthoritative">Whether the server is an authority for the name.</param>
public sealed record DnsAnswer(
    string Name, DnsRecordType Type, IReadOnlyList<DnsRecord> Records, IPEndPoint Server, TimeSpan Elapsed, bool OverTcp, bool IsAuthoritative)
{
    /// <summary>
    /// Whether the server says that it has validated every record by DNSSEC (the AD bit, RFC 4035, section 3.2.3). Worth as much as the server and the way to it are trusted: anybody on that way can
    /// set it.
    /// </summary>
    public bool IsValidated { get; init; }
}

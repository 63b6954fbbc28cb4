using System.Net;

namespace Codomyrmex.Networking.Transport;

/// <summary>One record of a DNS answer.</summary>
/// <param name="Name">The name it belongs to, without the root's dot; the root itself is <c>.</c>.</param>
/// <param name="Type">Its type.</param>
/// <param name="TimeToLive">How long it may be kept.</param>
/// <param name="Data">
/// Its data as a zone file writes it (RFC 1035, section 5.1), names without the root's dot: <c>192.0.2.1</c>, <c>10 mail.example.com</c>,
/// <c>"v=spf1 -all"</c>. Unknown types are <c>\# 2 CAFE</c> (RFC 3597). All of it is printable ASCII.
/// </param>
public sealed record DnsRecord(string Name, DnsRecordType Type, TimeSpan TimeToLive, string Data)
{
    /// <summary>The address of an <see cref="DnsRecordType.A"/> or <see cref="DnsRecordType.AAAA"/> record; null for other types.</summary>
    public IPAddress? Address =>
        Type is DnsRecordType.A or DnsRecordType.AAAA && IPAddress.TryParse(Data, out var address) ? address : null;
}

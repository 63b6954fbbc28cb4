using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>A question and its answer as bytes, for those who carry them by other ways than the DNS protocol's own.</summary>
internal static class DnsPacket
{
    /// <summary>A question with the identifier 0, which a carrier that tells answers apart by itself wants (RFC 8484, section 4.1).</summary>
    /// <exception cref="DNSResolutionException">No name is like this (<c>dns.not_found</c>).</exception>
    public static byte[] Question(string name, DnsRecordType type)
    {
        Span<byte> wire = stackalloc byte[DnsName.MaxWire];
        if (DnsName.TryWrite(name, wire, out var length) is { } problem)
            throw Failure(ErrorCodes.DnsNotFound, Printable.Text(name), $"it {problem}").ToException();
        Span<byte> query = stackalloc byte[DnsMessage.MaxQuery];
        return query[..DnsMessage.WriteQuery(query, 0, wire[..length], type)].ToArray();
    }

    /// <summary>The addresses in an answer.</summary>
    /// <param name="answer">The bytes, from anyone.</param>
    /// <param name="question">The bytes of the question.</param>
    /// <param name="name">The name asked for.</param>
    /// <param name="type">The type asked for, A or AAAA.</param>
    /// <param name="server">Who answered, for messages.</param>
    /// <exception cref="DNSResolutionException">There are none (<c>dns.not_found</c>), or it is no answer to the question (<c>dns.server_failure</c>).</exception>
    public static ResolvedAddresses Addresses(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> question, string name, DnsRecordType type, string server)
    {
        if (!DnsMessage.IsReplyTo(answer, question))
            throw Failure(ErrorCodes.DnsServerFailure, name, $"{server} answered another question").ToException();
        var message = DnsMessage.ReadResponse(answer);
        if (message.IsTruncated || message.Code is not (DnsResponse.NoError or DnsResponse.NameError))
            throw Failure(ErrorCodes.DnsServerFailure, name, $"{server} answered {(message.IsTruncated ? "in part" : DnsResponse.Describe(message.Code))}").ToException();
        var addresses = message.Find(name, type, out var timeToLive).Where(record => record.Type == type).Select(record => record.Address!).ToArray();
        if (addresses.Length > 0)
            return new ResolvedAddresses(addresses, timeToLive);
        var what = message.Code == DnsResponse.NameError ? "there is no such name" : $"the name has no {type} record";
        throw Failure(ErrorCodes.DnsNotFound, name, $"{server} says that {what}").ToException();
    }

    /// <summary>The failure to resolve a name.</summary>
    public static NetworkFailure Failure(string code, string name, string why) => new()
    {
        Code = code,
        Message = $"Cannot resolve '{name}': {why.TrimEnd('.')}.",
        Phase = NetworkPhase.Resolve,
        Endpoint = new Endpoint(name, 0),
    };
}

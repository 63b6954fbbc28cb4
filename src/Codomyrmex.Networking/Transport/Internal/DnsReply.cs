using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>How asking one server ended: a response, or a code and the end of a sentence about the server.</summary>
internal sealed record DnsReply(DnsResponse? Response, bool OverTcp, string Code, string What, Exception? Cause)
{
    internal static DnsReply Answered(DnsResponse response, bool overTcp) => new(response, overTcp, "", "", null);

    internal static DnsReply Failed(string code, string what, Exception? cause = null) => new(null, false, code, what, cause);
}

using System.Text;

namespace Codomyrmex.Networking.Scanning.Protocol;

/// <summary>SIP's question for capabilities (RFC 3261, section 11) and who answers it.</summary>
internal static class SipMessage
{
    public static byte[] Options(string transport) => Encoding.ASCII.GetBytes(
        $"OPTIONS sip:scan@invalid SIP/2.0\r\nVia: SIP/2.0/{transport.ToUpperInvariant()} scan.invalid;branch=z9hG4bKcodomyrmex;rport\r\nMax-Forwards: 70\r\n" +
        "To: <sip:scan@invalid>\r\nFrom: <sip:scan@scan.invalid>;tag=1\r\nCall-ID: 1@scan.invalid\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n");

    public static ServiceFacts? Read(ReadOnlySpan<byte> answer)
    {
        if (!answer.StartsWith("SIP/2.0 "u8))
            return null;
        var agent = HttpPage.Field(answer, "server"u8);
        if (agent.IsEmpty)
            agent = HttpPage.Field(answer, "user-agent"u8);
        var (product, version) = agent.IsEmpty ? (null, null) : WireText.Product(agent);
        return new ServiceFacts("sip") { Product = product, Version = version, Banner = WireText.Of(WireText.Line(answer)) };
    }
}

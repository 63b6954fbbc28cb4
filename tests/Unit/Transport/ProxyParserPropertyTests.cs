using System.Text;
using Codomyrmex.Networking.Transport.Internal;
using Codomyrmex.Networking.Transport.Protocol;
using CsCheck;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

/// <summary>Whatever a proxy sends, a parser takes it or refuses it with <see cref="FormatException"/>, and never asks without bound.</summary>
public class ProxyParserPropertyTests
{
    private static readonly Gen<byte[]> Noise = Gen.Byte.Array[0, 300];

    /// <summary>Noise that gets past the first checks: a valid beginning, then pieces that occur in real answers.</summary>
    private static readonly Gen<byte[]> LikelyHead =
        Gen.Select(
            Gen.OneOf("HTTP/1.1 200 OK\r\n", "HTTP/1.0 407 Auth\r\n", "HTTP/1.1 ", "HTTP/1.1 1", "HTTP"),
            Gen.OneOf("\r\n", "\n", "\r", ":", " ", "\0", "Proxy-Authenticate: Basic", "Retry-After: 1", "x", "\u00ff", "\u001b").Array[0, 40])
        .Select((start, rest) => Encoding.Latin1.GetBytes(start + string.Concat(rest)));

    private static readonly Gen<byte[]> LikelySocks =
        Gen.Select(Gen.OneOf<byte>(0, 1, 4, 5), Gen.OneOf<byte>(0, 1, 2, 5, 90, 91, 255), Gen.OneOf<byte>(1, 3, 4, 9), Noise)
            .Select((version, code, type, rest) => (byte[])[version, code, 0, type, .. rest]);

    [Fact]
    public void Any_bytes_are_a_method_selection_or_malformed() =>
        Check(Noise, LikelySocks, Socks5.MissingFromMethod, a => Socks5.ReadMethod(a, true), 2);

    [Fact]
    public void Any_bytes_are_an_answer_to_credentials_or_malformed() =>
        Check(Noise, LikelySocks, Socks5.MissingFromCredentialsReply, a => Socks5.ReadCredentialsReply(a), 2);

    [Fact]
    public void Any_bytes_are_a_SOCKS5_reply_or_malformed() => Check(Noise, LikelySocks, Socks5.MissingFromReply, a => Socks5.ReadReply(a), 262);

    [Fact]
    public void Any_bytes_are_a_SOCKS4_reply_or_malformed() => Check(Noise, LikelySocks, Socks4a.MissingFromReply, a => Socks4a.ReadReply(a), 8);

    [Fact]
    public void Any_bytes_are_a_CONNECT_answer_or_malformed() =>
        Check(Noise, LikelyHead, HttpConnect.Missing, a => HttpConnect.Parse(a), HttpConnect.MaxHead);

    [Fact]
    public void Any_no_proxy_entry_is_parsed_or_rejected_as_malformed() =>
        Gen.OneOf<string>(Gen.String, Gen.OneOf("*", ".", ":", "/", "[", "]", "::", "10", "a", "8", "é").Array[0, 9].Select(string.Concat))
            .Sample(entry =>
            {
                try
                {
                    NoProxy.Parse([entry]).Bypasses("example.com", 80);
                }
                catch (FormatException)
                {
                }
            }, iter: 5000);

    private static void Check(Gen<byte[]> noise, Gen<byte[]> likely, MissingBytes missing, Action<byte[]> parse, int max) =>
        Gen.OneOf<byte[]>(noise, likely).Sample(said =>
        {
            try
            {
                parse(said);
            }
            catch (FormatException)
            {
            }
            // As the tunnel reads: by what is missing, so an accepted answer is exactly as long as it says.
            var received = 0;
            try
            {
                while (missing(said.AsSpan(0, received)) is var wanted and > 0)
                {
                    Assert.InRange(received + wanted, 1, max);
                    if (received + wanted > said.Length)
                        return;
                    received += wanted;
                }
                parse(said[..received]);
            }
            catch (FormatException)
            {
            }
        }, iter: 5000);
}

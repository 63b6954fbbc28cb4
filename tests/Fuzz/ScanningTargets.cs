using System.Text;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Scanning.Internal;
using Codomyrmex.Networking.Scanning.Protocol;
using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>What a scanner reads of its operator, and of whoever it asks.</summary>
internal static class ScanningTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("port-set", ReadPorts) { Words = ["u:", "T:", "top:", "all", "!", "-", ",", "65535", "65536", "0", "ssh", "http*"] },
        new("scan-target", ReadTarget) { Words = ["10.0.0.0", "/8", "/0", "-", "::", "2001:db8::", "%eth0", "example.com", ".255", "://", ":80", "[", "]"] },
        new("scan-scope", ReadScope) { Words = ["\"allow\":[", "\"deny\":[", "\"ports\":\"", "\"from\":\"2026-11-01\"", "10.0.0.0/8", "*.test", "u:53", "]", "}", ","], Iterations = 5_000 },
        new("scan-report", input => _ = ScanDiff.Between(ScanReportFile.Parse(input), ScanReportFile.Parse(input)))
        {
            Words = ["<host>", "</host>", "<port protocol=\"tcp\" portid=\"22\">", "<state state=\"open\"/>", "addr=\"", "::1", "\"port\":", "\"address\":", "\"tls\":{", "&#10;", "]]>", "<!DOCTYPE x [", "\n"],
            Iterations = 5_000,
        },
        new("service-greeting", input => ReadAll(input, (bytes, port) => Greeting.Read(bytes, port))) { Words = ["SSH-2.0-", "220 ", "220-", "SMTP", "FTP", "+OK ", "* OK ", "RFB ", "@RSYNCD: ", "\r\n", "\0"] },
        new("service-answer", ReadAnswers)
        {
            Words = ["HTTP/1.1 200 OK\r\n", "Server: ", "\r\n\r\n", "<title>", "</title>", "&#x1F600;", "&amp;", "redis_version:", "VERSION ", "AMQP", "product", "SIP/2.0 ", "RTSP/1.0 "],
        },
        new("service-udp", ReadDatagrams) { Words = ["cdmx-src", "cdmx-dst", "codomyrmex.n", "CDMX", "HTTP/1.1 200 OK\r\n", "SERVER: ", "\u0007version\u0004bind\0", "\u00C0\u00DA"] },
        new("scan-journal", ReadJournal)
        {
            Words = ["codomyrmex-scan 1 plan 7\n", "t 10.0.0.0/24\n", "n 10.0.0.1 a.test\n", "s\n", "p 0 3 22 0 1 250\n", "c 0 3 1 2 3\n", "h 0 3 1 1 2 3 4\n", "h 1 ", "-1", "65536", "99999999999999999999", " "],
        },
        new("probe-replies", ReadReplies) { Words = ["\u0045", "\u0012", "\u0004", "\u0003\u0003", "\u0001\u0004", "\u0081", "\0\0\0\0", "\u00FF\u00FF\u00FF\u00FF", "12345678"] },
        new("ssh-packets", ReadPackets) { Words = ["SSH-2.0-x\r\n", "\0\0\0\u000C\u0006", "\u001F", "\0\0\0\u000Bssh-ed25519"] },
    ];

    private static void ReadPorts(byte[] input)
    {
        var ports = PortSet.Parse(Encoding.UTF8.GetString(input));
        Promise.Keep(ports.Count > 0 && ports.Tcp.Count <= 65535 && ports.Udp.Count <= 65535, "a set has ports, and not more than there are");
        Promise.Keep(PortSet.Parse(ports.ToString()).Equals(ports), "what a set says of itself reads back");
    }

    private static void ReadTarget(byte[] input)
    {
        ScanTargets targets = Encoding.UTF8.GetString(input);
        Promise.Keep(targets.AddressCount <= ScanTargets.MostAddresses, "targets are limited");
        Promise.Keep(targets.AddressCount > 0 != targets.Names.Count > 0, "a target has a name or addresses");
        if (targets.AddressCount == 0)
            return;
        Promise.Keep(targets.IndexOf(targets.AddressAt(targets.AddressCount - 1)) == targets.AddressCount - 1, "an address has its index");
        Promise.Keep(((ScanTargets)targets.ToString()).ToString() == targets.ToString(), "what targets say of themselves reads back");
    }

    private static void ReadScope(byte[] input) => _ = ScanScope.Parse(Encoding.UTF8.GetString(input)).CheckHost("example.com");

    private static void ReadAll(byte[] input, Func<byte[], int, ServiceFacts?> read)
    {
        foreach (var port in (int[])[21, 22, 25, 119, 9999])
            Check(read(input, port));
    }

    private static void ReadAnswers(byte[] input)
    {
        foreach (var probe in TcpProbes.All)
            Check(probe.Read(input));
        Check(TcpProbes.ReadRefusal(input));
        Check(HttpPage.Read(input));
    }

    private static void ReadDatagrams(byte[] input)
    {
        foreach (var probe in UdpProbes.All)
            Check(probe.Read(input));
    }

    private static void ReadPackets(byte[] input)
    {
        _ = SshHandshake.PacketsStart(input);
        for (var rest = input.AsSpan(); ;)
        {
            var payload = SshHandshake.ReadPacket(rest, out var length);
            Promise.Keep(length <= rest.Length && payload.Length < length + 1, "a packet lies within what has arrived");
            if (length == 0)
                return;
            _ = SshHandshake.ReadFingerprint(payload);
            rest = rest[length..];
        }
    }

    private static void ReadJournal(byte[] input)
    {
        if (JournalContent.Read(input, "plan", null) is not { } content)
            return;
        Promise.Keep(content.Length <= input.Length && input[content.Length - 1] == '\n', "what counts ends with a line");
        var hosts = content.Targets!.AddressCount;
        foreach (var record in (JournalRecord[])[content[PortProtocol.Tcp], content[PortProtocol.Udp]])
        {
            Promise.Keep(record.Found.All(found => found.Host >= 0 && found.Host < hosts && found.Port is >= 1 and <= 65535), "what was found is of the plan's hosts");
            Promise.Keep(record.Done.All(done => done.Host >= 0 && done.Host < hosts && done.Open >= 0), "hosts that are done are of the plan");
            Promise.Keep(record.HostsInProgress.All(host => host >= 0 && host < hosts && !record.IsDone(host)), "a host is done or in progress");
        }
        Promise.Keep(JournalContent.Read(input.AsSpan(0, content.Length), "plan", content.Seed)?.Length == content.Length, "what counts can be read back");
    }

    private static void ReadReplies(byte[] input)
    {
        if (IPv4Packet.TryRead(input, out var source, out var packet))
            Promise.Keep(source.Length == 4 && packet.Length <= input.Length - 20, "a packet has a header");
        foreach (var isIPv4 in (bool[])[true, false])
        {
            if (IcmpQuote.TryRead(input, isIPv4, out _, out var address))
                Promise.Keep(address.Length == (isIPv4 ? 4 : 16), "a quoted packet went to an address");
        }
        if (SynReply.TryRead(input, out var reply))
            Promise.Keep(!(reply.IsReset && reply.IsAccepted), "an answer says one thing");
        Promise.Keep(EchoReply.Read(input, EchoReply.IPv4Type, "12345678"u8) is >= -1 and <= 65535, "an echo has a number, or is none");
    }

    private static void Check(ServiceFacts? facts)
    {
        foreach (var text in (string?[])[facts?.Product, facts?.Version, facts?.Banner, facts?.HttpServer, facts?.HttpTitle])
            Promise.Keep(text is null || text.Length <= 512, "what a stranger says is cut");
    }
}

using System.Formats.Asn1;
using System.Text;
using Codomyrmex.Networking.Scanning.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

/// <summary>Table 5, row 20: what servers say of themselves, as the specifications and manuals of their protocols have it.</summary>
public class ServiceParserTests
{
    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private static string? Told(ServiceFacts? facts) => facts is null ? null : $"{facts.Name}|{facts.Product}|{facts.Version}";

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10\r\n", 22, "ssh|OpenSSH|9.2p1")]
    [InlineData("SSH-2.0-dropbear_2022.83\r\n", 22, "ssh|dropbear|2022.83")]
    [InlineData("Authorised users only.\r\nSSH-2.0-Cisco-1.25\n", 22, "ssh|Cisco-1.25|")]
    [InlineData("220 mail.example.test ESMTP Postfix (Debian/GNU)\r\n", 25, "smtp|Postfix|")]
    [InlineData("220-mx.example.test ESMTP Exim 4.96 Thu, 26 Nov 2026\r\n220 no spam\r\n", 2525, "smtp|Exim|4.96")]
    [InlineData("554 No SMTP service here\r\n", 25, "smtp||")]
    [InlineData("220 (vsFTPd 3.0.3)\r\n", 21, "ftp|vsFTPd|3.0.3")]
    [InlineData("220 ProFTPD 1.3.8 Server (Debian) [::ffff:10.0.0.1]\r\n", 2121, "ftp|ProFTPD|1.3.8")]
    [InlineData("220 welcome\r\n", 21, "ftp||")]
    [InlineData("220 welcome\r\n", 25, "smtp||")]
    [InlineData("220 welcome\r\n", 9999, null)]
    [InlineData("+OK Dovecot (Debian) ready.\r\n", 110, "pop3|Dovecot|")]
    [InlineData("* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n", 143, "imap|Dovecot|")]
    [InlineData("201 news.example.test InterNetNews NNRP server INN 2.7.1 ready\r\n", 119, "nntp|InterNetNews|")]
    [InlineData("RFB 003.008\n", 5900, "rfb||3.008")]
    [InlineData("@RSYNCD: 31.0 sha512 sha256\n", 873, "rsync||31.0")]
    [InlineData("OK MPD 0.23.5\n", 6600, "mpd|MPD|0.23.5")]
    [InlineData(":irc.test NOTICE * :*** Looking up\r\n", 6667, "ircd||")]
    [InlineData("\u00ff\u00fd\u0018\u00ff\u00fb\u0001", 23, "telnet||")]
    [InlineData("-DENIED Redis is running in protected mode\r\n", 6379, "redis|Redis|")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", 80, "http||")]
    [InlineData("hello\r\n", 80, null)]
    [InlineData("", 80, null)]
    public void Greeting_is_recognised(string greeting, int port, string? told) => Assert.Equal(told, Told(Greeting.Read(Bytes(greeting), port)));

    [Theory]
    [InlineData("5.7.44-log", "mysql|MySQL|5.7.44-log")]
    [InlineData("8.0.36", "mysql|MySQL|8.0.36")]
    [InlineData("5.5.5-10.11.6-MariaDB-0+deb12u1", "mysql|MariaDB|10.11.6-MariaDB-0+deb12u1")]
    public void MySql_greeting_tells_the_version(string version, string told)
    {
        byte[] payload = [10, .. Bytes(version), 0, .. new byte[40]];
        Assert.Equal(told, Told(Greeting.Read([(byte)payload.Length, 0, 0, 0, .. payload], 3306)));
        Assert.Equal("mysql||", Told(Greeting.Read([0x20, 0, 0, 0, 0xFF, 0x6A, 0x04, .. "Host '10.0.0.1' is not allowed"u8], 3306)));
    }

    [Fact]
    public void Http_answer_tells_status_server_and_title()
    {
        var facts = HttpPage.Read(Bytes("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSERVER:  nginx/1.22.1 (Debian) \r\n\r\n<html><head>\n<TITLE lang=en>\n Tom &amp;  Jerry&#39;s\n page</title>"))!;
        Assert.Equal((200, "nginx/1.22.1 (Debian)", "Tom & Jerry's page", "nginx", "1.22.1", false), (facts.HttpStatus, facts.HttpServer, facts.HttpTitle, facts.Product, facts.Version, facts.WantsMore));
        Assert.True(HttpPage.Read("HTTP/1.0 301 Moved\r\nServer: x"u8) is { HttpStatus: 301, WantsMore: true });
        Assert.Null(HttpPage.Read("HTTP/1.1 2x0 OK\r\n\r\n"u8));
        Assert.True(HttpPage.Read([.. "HTTP/1.1 200 OK\r\n\r\n<title>"u8, .. new byte[100_000]]) is { WantsMore: false, HttpTitle.Length: <= 200 });
    }

    [Theory]
    [InlineData("redis", "$100\r\n# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\n", "redis|Redis|7.0.15")]
    [InlineData("redis", "$100\r\nredis_version:7.2.4\r\nvalkey_version:8.0.1\r\n", "redis|Valkey|8.0.1")]
    [InlineData("redis", "-NOAUTH Authentication required.\r\n", "redis||")]
    [InlineData("postgresql", "S", "postgresql|PostgreSQL|")]
    [InlineData("postgresql", "N", "postgresql|PostgreSQL|")]
    [InlineData("postgresql", "SSH", null)]
    [InlineData("memcache", "VERSION 1.6.18\r\n", "memcache|memcached|1.6.18")]
    [InlineData("mqtt", " \u0002\0\0", "mqtt||3.1.1")]
    [InlineData("mqtt", " \u0002\0\u0005", "mqtt||3.1.1")]
    [InlineData("amqp", "AMQP\0\u0001\0\0", "amqp||1.0.0")]
    [InlineData("ms-wbt-server", "\u0003\0\0\u0013\u000e\u00d0\0\0\u0012\u0034\0\u0002\u000f\u0008\0\u0002\0\0\0", "ms-wbt-server||")]
    [InlineData("rtsp", "RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: GStreamer RTSP server\r\n\r\n", "rtsp|GStreamer|")]
    [InlineData("sip", "SIP/2.0 200 OK\r\nServer: Asterisk PBX 18.10.0\r\n\r\n", "sip|Asterisk|")]
    [InlineData("sip", "HTTP/1.1 400 Bad Request\r\n\r\n", null)]
    public void Answer_is_recognised(string probe, string answer, string? told) => Assert.Equal(told, Told(TcpProbes.All.Single(one => one.Name == probe).Read(Bytes(answer))));

    [Fact]
    public void MongoDb_tells_what_was_built()
    {
        byte[] body = [2, .. "version"u8, 0, 7, 0, 0, 0, .. "7.0.14"u8, 0, 0];
        byte[] answer = [0, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 0xDD, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. body];
        Assert.Equal("mongodb|MongoDB|7.0.14", Told(MongoMessage.Read(answer)));
        var question = MongoMessage.BuildInfo();
        Assert.Equal((question.Length, 2013), (BitConverter.ToInt32(question), BitConverter.ToInt32(question, 12)));
        Assert.Equal(question.Length - 21, BitConverter.ToInt32(question, 21));
    }

    [Fact]
    public void A_server_says_who_it_is_when_it_refuses()
    {
        Assert.Equal("tls||", Told(TcpProbes.ReadRefusal([0x15, 3, 1, 0, 2, 2, 70])));
        Assert.Equal("redis||", Told(TcpProbes.ReadRefusal("-ERR unknown command 'GET'\r\n"u8)));
        Assert.Equal("memcache||", Told(TcpProbes.ReadRefusal("ERROR\r\n"u8)));
        Assert.Equal("mongodb|MongoDB|", Told(TcpProbes.ReadRefusal("It looks like you are trying to access MongoDB over HTTP on the native driver port.\r\n"u8)));
    }

    [Fact]
    public void Ssh_packets_are_read_to_the_host_key()
    {
        var offer = SshHandshake.Offer(new byte[16]);
        Assert.Equal(0, offer.Length % 8);
        Assert.Equal(SshHandshake.KexInit, SshHandshake.ReadPacket(offer, out var length)[0]);
        Assert.Equal(offer.Length, length);
        Assert.True(SshHandshake.ReadPacket(offer.AsSpan(0, 50), out length).IsEmpty && length == 0);
        Assert.Throws<FormatException>(() => SshHandshake.ReadPacket("HTTP/1.1 400"u8, out _).Length);
        byte[] key = [0, 0, 0, 11, .. "ssh-ed25519"u8, 0, 0, 0, 32, .. new byte[32]];
        byte[] reply = [31, 0, 0, 0, (byte)key.Length, .. key, 0, 0, 0, 65];
        Assert.Equal("SHA256:" + Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(key)).TrimEnd('='), SshHandshake.ReadFingerprint(reply));
        Assert.Null(SshHandshake.ReadFingerprint([31, 0, 0, 1, 0, 1]));
        Assert.Null(SshHandshake.ReadFingerprint([]));
        Assert.Equal(34, SshHandshake.PacketsStart("Go away.\r\nSSH-2.0-x comment here\r\n\0\0"u8));
    }

    [Fact]
    public void Udp_questions_are_of_their_protocols()
    {
        Assert.Equal(["domain", "ntp", "snmp", "mdns", "ssdp", "quic", "netbios-ns", "sip", "tftp", "memcache"], UdpProbes.All.Select(probe => probe.Name).Take(10));
        Assert.Equal(48, UdpProbes.For(123)!.Question.Length);
        Assert.Equal(1200, UdpProbes.For(443)!.Question.Length);
        Assert.Equal(50, UdpProbes.For(137)!.Question.Length);
        Assert.Equal(40, UdpProbes.For(111)!.Question.Length);
        Assert.Null(UdpProbes.For(9999));
        var reader = new AsnReader(UdpProbes.For(161)!.Question, AsnEncodingRules.BER).ReadSequence();
        Assert.Equal(3, reader.ReadInteger());
        reader.ReadSequence();
        var security = new AsnReader(reader.ReadOctetString(), AsnEncodingRules.BER).ReadSequence();
        Assert.Empty(security.ReadOctetString());
        var scoped = reader.ReadSequence();
        scoped.ReadOctetString();
        scoped.ReadOctetString();
        Assert.True(scoped.HasData);
        Assert.False(reader.HasData);
    }

    [Fact]
    public void Udp_answers_are_recognised()
    {
        byte[] ntp = [0x24, 2, 6, 0xEC, .. new byte[20], 0xC0, 0xDA, .. new byte[22]];
        Assert.Equal("ntp||4", Told(UdpProbes.ReadNtp(ntp)));
        Assert.Null(UdpProbes.ReadNtp(ntp.AsSpan(0, 47)));
        Assert.Equal("quic||v2", Told(UdpProbes.ReadQuic([0xC0, 0, 0, 0, 0, 8, .. "cdmx-src"u8, 8, .. "cdmx-dst"u8, 0x6B, 0x33, 0x43, 0xCF, 0, 0, 0, 1, 0x2A, 0x3A, 0x4A, 0x5A])));
        Assert.Null(UdpProbes.ReadQuic([0xC0, 0, 0, 0, 1, 8, .. "cdmx-src"u8, 8, .. "cdmx-dst"u8, 0, 0, 0, 1]));
        Assert.Equal("tftp||", Told(UdpProbes.ReadTftp([0, 5, 0, 1, .. "File not found"u8, 0])));
        Assert.Equal("ssdp||", Told(UdpProbes.ReadSsdp("HTTP/1.1 200 OK\r\nSERVER: Linux UPnP/1.0 x/1\r\n\r\n"u8)));
        Assert.Equal("memcache|memcached|1.6.18", Told(UdpProbes.ReadMemcached([0xC0, 0xDA, 0, 0, 0, 1, 0, 0, .. "VERSION 1.6.18\r\n"u8])));
        Assert.Equal("stun||", Told(UdpProbes.ReadStun([1, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42, .. "codomyrmex.n"u8])));
        Assert.Equal("sunrpc||", Told(UdpProbes.ReadRpc([.. "CDMX"u8, 0, 0, 0, 1, .. new byte[16]])));
        byte[] snmp = [0x30, 0x30, 2, 1, 3, .. new byte[16], 4, 13, 0x80, 0, 0x1F, 0x88, 0x80, .. new byte[8]];
        Assert.Equal("snmp|Net-SNMP|3", Told(UdpProbes.ReadSnmp(snmp)));
        var question = DnsVersion.Query();
        byte[] dns = [.. question, 0xC0, 12, 0, 16, 0, 3, 0, 0, 0, 0, 0, 13, 12, .. "dnsmasq-2.90"u8];
        (dns[2], dns[7]) = (0x80, 1);
        Assert.Equal("domain|dnsmasq|2.90", Told(DnsVersion.Read(dns)));
        dns[7] = 0;
        Assert.Equal("domain||", Told(DnsVersion.Read(dns)));
        dns[0] ^= 1;
        Assert.Null(DnsVersion.Read(dns));
        Assert.Null(DnsVersion.Read(question));
    }

    [Fact]
    public void What_is_said_is_cut_to_a_bound_and_keeps_its_coding()
    {
        Assert.Equal("grüß", WireText.Of("grüß"u8));
        Assert.Equal("gr\u00fc", WireText.Of([(byte)'g', (byte)'r', 0xFC]));
        var text = WireText.Of(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("😀", 10_000))));
        Assert.True(text.Length <= 256 && !text.Contains('\uFFFD'));
        Assert.False(char.IsHighSurrogate(text[^1]));
    }
}

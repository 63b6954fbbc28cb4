using System.Net;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

/// <summary>A report with everything in it, and with servers that mean no good.</summary>
internal static class SampleReport
{
    /// <summary>Steers terminals, ends attributes and elements, begins formulas and scripts.</summary>
    public const string Hostile = "=cmd|'/c calc'!A1\u001b[2J\"><script>alert(1)</script>&\u202e\r\n";

    public static readonly DateTimeOffset Start = new(2026, 11, 26, 10, 30, 0, TimeSpan.Zero);

    public static CertificateFacts Certificate(string subject = "CN=www.example.test", int year = 2027) =>
        new(subject, "CN=Example CA", ["www.example.test", "192.0.2.7"], new(2025, 1, 2, 3, 4, 5, default), new(year, 1, 2, 3, 4, 5, default), "cGlu");

    public static PortResult Port(int port, ServiceInfo? service = null, string address = "192.0.2.7", string? host = null, PortProtocol protocol = PortProtocol.Tcp, PortState state = PortState.Open) => new()
    {
        Host = host ?? address,
        Address = IPAddress.Parse(address),
        Port = port,
        Protocol = protocol,
        State = state,
        Reason = state == PortState.Open ? protocol == PortProtocol.Udp ? PortReason.UdpResponse : PortReason.SynAck : PortReason.Reset,
        RoundTrip = TimeSpan.FromMilliseconds(0.25 * (port % 17)),
        Service = service,
    };

    public static ScanReport Of(params PortResult[] results) => new()
    {
        Targets = "192.0.2.0-192.0.2.15 2001:db8::7 www.example.test",
        Ports = "1-1024,8443,u:53",
        StartedAt = Start,
        Results = results,
        Summary = new ScanSummary
        {
            Hosts = 18,
            HostsUp = 3,
            HostsDown = 15,
            Ports = 18 * 1026,
            Open = results.Count(result => result.State == PortState.Open),
            Closed = 3000,
            Filtered = 70,
            OpenOrFiltered = 1,
            ProbesSent = 20_000,
            Repeats = 120,
            Elapsed = TimeSpan.FromSeconds(4.25),
            Recall = 0.9975,
            Canaries = 400,
            Confidence = 0.99999,
            Mode = ScanMode.Connect,
            ModeReason = "This process may not send raw packets.",
            Notes = [new ScanNote(ScanNoteKind.Loss, null, "Packets were lost: the scan went slower."), new ScanNote(ScanNoteKind.Skipped, "192.0.2.9", "left out by the scope.")],
        },
    };

    public static ScanReport Whole => Of(
        Port(22, new ServiceInfo { Name = "ssh", Product = "OpenSSH", Version = "9.2p1", Banner = "SSH-2.0-OpenSSH_9.2p1", SshHostKeyFingerprint = "SHA256:q0b8dpHKCk8PKEWPRX4mGLsFcOY9I5TdfmWDnJ1Hq5A" }),
        Port(80, new ServiceInfo { Name = "http", Product = "nginx", Version = "1.22.1", HttpStatus = 200, HttpServer = "nginx/1.22.1", HttpTitle = "Tom & Jerry's page", Banner = "HTTP/1.1 200 OK" }, host: "www.example.test"),
        Port(443, new ServiceInfo { Name = "http", HttpStatus = 200, HttpTitle = "Sign in", Tls = new TlsFacts("TLS 1.3", "TLS_AES_256_GCM_SHA384", "h2", [Certificate()]) }, host: "www.example.test"),
        Port(631),
        Port(8443, new ServiceInfo { Name = "http", HttpStatus = 500, HttpTitle = Hostile, HttpServer = Hostile, Banner = Hostile, Product = Hostile, Version = Hostile, Tls = new TlsFacts("TLS 1.0", "x", null, [Certificate("CN=" + Hostile, 2020)]) }, "192.0.2.8"),
        Port(25, state: PortState.Closed, address: "192.0.2.8"),
        Port(53, new ServiceInfo { Name = "domain", Product = "dnsmasq", Version = "2.90" }, "2001:db8::7", protocol: PortProtocol.Udp));
}

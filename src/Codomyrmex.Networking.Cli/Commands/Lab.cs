using System.Net;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>
/// The servers on this machine: HTTP, HTTPS under an authority of their own, an echo of lines over TCP and one of datagrams over UDP in this process, and
/// OpenSSH where it is installed.
/// </summary>
internal sealed class Lab : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("codonet-lab-");
    private readonly Task _echoing;

    private Lab(LoopbackServer http, LoopbackServer https, TestCertificateAuthority authority)
    {
        Http = http;
        Https = https;
        Authority = authority;
        CaFile = Path.Combine(_folder.FullName, "ca.pem");
        authority.WriteRootPem(CaFile);
        Tcp = TCPServer.Start(EchoAsync, new TCPServerOptions { Framing = Framing.Lines });
        Udp = UDPClient.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _echoing = EchoAsync(Udp);
    }

    public LoopbackServer Http { get; }

    public LoopbackServer Https { get; }

    /// <summary>Sends every line back.</summary>
    public TCPServer Tcp { get; }

    /// <summary>Sends every datagram back.</summary>
    public UDPClient Udp { get; }

    /// <summary>A private sshd; null where there is none on this machine.</summary>
    public OpenSshServer? Ssh { get; private set; }

    public TestCertificateAuthority Authority { get; }

    /// <summary>The PEM file with the root that the HTTPS server's certificate leads to.</summary>
    public string CaFile { get; }

    public Uri WebSocketEcho => new UriBuilder(Http.Url) { Scheme = "ws", Path = "/ws/echo" }.Uri;

    public Uri SecureWebSocketEcho => new UriBuilder(Https.Url) { Scheme = "wss", Path = "/ws/echo" }.Uri;

    public static async Task<Lab> StartAsync(int port, int tlsPort, CancellationToken cancellationToken)
    {
        var lab = Start(port, tlsPort);
        try
        {
            if (OpenSshServer.IsInstalled)
                lab.Ssh = await OpenSshServer.StartAsync(cancellationToken: cancellationToken);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    private static Lab Start(int port, int tlsPort)
    {
        var authority = new TestCertificateAuthority("codonet lab");
        var http = Start(new LoopbackServerOptions { Port = port }, LabOptions.Port.Name);
        try
        {
            var tls = new LoopbackTlsOptions { Certificate = authority.Issue() };
            return new Lab(http, Start(new LoopbackServerOptions { Port = tlsPort, Tls = tls }, LabOptions.TlsPort.Name), authority);
        }
        catch
        {
            _ = http.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Http.DisposeAsync();
        await Https.DisposeAsync();
        await Tcp.DisposeAsync();
        await Udp.DisposeAsync();
        await _echoing;
        if (Ssh is not null)
            await Ssh.DisposeAsync();
        Authority.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task EchoAsync(TCPConnection connection, CancellationToken cancellationToken)
    {
        await foreach (var line in connection.ReceiveAllAsync(cancellationToken))
            await connection.WriteAsync(line, cancellationToken);
    }

    private static async Task EchoAsync(UDPClient client)
    {
        await foreach (var datagram in client)
        {
            try
            {
                await client.SendAsync(datagram.Data, datagram.RemoteEndPoint);
            }
            catch (NetworkException)
            {
                // Who has left needs no echo; the others do.
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static LoopbackServer Start(LoopbackServerOptions options, string argument)
    {
        try
        {
            return LabEndpoints.MapTo(LoopbackServer.Start(options));
        }
        catch (System.Net.Sockets.SocketException error)
        {
            throw new UsageException($"{argument}: {options.Address}:{options.Port} cannot be listened on: {error.Message}", argument, error);
        }
    }
}

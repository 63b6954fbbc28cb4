using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>nginx in front of a WebSocket server, plain and over TLS, by its documented two lines for an upgrade.</summary>
internal sealed class NginxWebSocketProxy : IAsyncDisposable
{
    private readonly ServerProcess _process;

    private NginxWebSocketProxy(ServerProcess process, int plain, int tls)
    {
        _process = process;
        Plain = $"ws://127.0.0.1:{plain}/";
        Tls = $"wss://localhost:{tls}/";
    }

    public string Plain { get; }

    public string Tls { get; }

    public static async Task<NginxWebSocketProxy> StartAsync(TestCertificateAuthority authority, int behind)
    {
        var folder = new ServerFolder();
        using var certificate = authority.Issue();
        authority.WritePem(certificate, folder["cert.pem"], folder["key.pem"]);
        int plain = ServerProcess.FreePort(), tls = ServerProcess.FreePort();
        var shared = $$"""
            location / {
              proxy_pass http://127.0.0.1:{{behind}};
              proxy_http_version 1.1;
              proxy_set_header Upgrade $http_upgrade;
              proxy_set_header Connection "upgrade";
            }
            """;
        var http = $$"""
            server { listen 127.0.0.1:{{plain}}; {{shared}} }
            server { listen 127.0.0.1:{{tls}} ssl http2; {{shared}} }
            """;
        return new NginxWebSocketProxy(await NginxConfiguration.StartAsync(folder, tls, http), plain, tls);
    }

    /// <summary>Ends it at once, as a crash would (SIGKILL).</summary>
    public void Kill() => _process.Kill();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}

using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>nginx on one plain and several TLS ports, with files, redirects, ranges, gzip and a door for client certificates.</summary>
internal sealed class NginxServer : IAsyncDisposable
{
    public const int LargeBytes = 8_000_000;
    public const int Events = 2000;

    /// <summary>Requests that one HTTP/2 connection to <see cref="Tls12"/> may carry at a time.</summary>
    public const int StreamsOnTls12 = 8;

    private readonly ServerProcess _process;

    private NginxServer(ServerProcess process, string unixSocket, int plain, int tls12, int tls13, int mutual)
    {
        _process = process;
        UnixSocket = unixSocket;
        Plain = $"http://127.0.0.1:{plain}/";
        Tls12 = $"https://localhost:{tls12}/";
        Tls13 = $"https://localhost:{tls13}/";
        Mutual = $"https://localhost:{mutual}/";
    }

    /// <summary>The path of a Unix-domain socket, HTTP/1.1.</summary>
    public string UnixSocket { get; }

    /// <summary>HTTP/1.1 without TLS.</summary>
    public string Plain { get; }

    /// <summary>TLS 1.2, HTTP/1.1 and HTTP/2.</summary>
    public string Tls12 { get; }

    /// <summary>TLS 1.3, HTTP/1.1 and HTTP/2.</summary>
    public string Tls13 { get; }

    /// <summary>TLS 1.3 with a client certificate required, HTTP/1.1.</summary>
    public string Mutual { get; }

    public string Output => _process.Output;

    public static async Task<NginxServer> StartAsync(TestCertificateAuthority authority)
    {
        var folder = new ServerFolder();
        using var certificate = authority.Issue();
        authority.WritePem(certificate, folder["cert.pem"], folder["key.pem"]);
        authority.WriteRootPem(folder["root.pem"]);
        Directory.CreateDirectory(folder["www"]);
        File.WriteAllText(folder["www/hello.txt"], "hello");
        File.WriteAllText(folder["www/text.html"], string.Concat(Enumerable.Range(0, 5000).Select(i => $"<p>{i} and more</p>\n")));
        File.WriteAllBytes(folder["www/text.zst"], await ZstdTool.CompressAsync(File.ReadAllBytes(folder["www/text.html"])));
        var large = new byte[LargeBytes];
        new Random(1).NextBytes(large);
        File.WriteAllBytes(folder["www/large.bin"], large);
        File.WriteAllText(folder["www/events"], string.Concat(Enumerable.Range(1, Events).Select(i => $"id: {i}\nevent: tick\ndata: {{\"id\":{i},\"text\":\"{new string('x', 100)}\"}}\n\n")) + "data: [DONE]\n\n");
        int plain = ServerProcess.FreePort(), tls12 = ServerProcess.FreePort(), tls13 = ServerProcess.FreePort(), mutual = ServerProcess.FreePort();
        var shared = $$"""
            root {{folder["www"]}};
            keepalive_timeout 60s;
            gzip on;
            gzip_types text/plain text/html;
            location / { }
            location /text.zst { gzip off; add_header Content-Encoding zstd; default_type text/html; }
            location /moved { return 301 /hello.txt; }
            location /kept { return 308 /hello.txt; }
            location /out { return 302 http://127.0.0.1:{{plain}}/hello.txt; }
            location /slow { limit_rate 100k; alias {{folder["www"]}}/large.bin; }
            location = /events { types { } default_type text/event-stream; gzip_types text/event-stream; }
            location = /slow-events { types { } default_type text/event-stream; limit_rate 30k; alias {{folder["www"]}}/events; }
            location /close { keepalive_timeout 0; return 200 "closing"; }
            location /status/429 { add_header Retry-After 120 always; return 429 "later"; }
            location /echo { add_header X-Protocol $server_protocol; add_header X-Auth "$http_authorization"; return 200 "$request_method $request_uri"; }
            location /upload { client_max_body_size 1k; return 200 "ok"; }
            """;
        var http = $$"""
            types { text/html html; text/plain txt; application/octet-stream bin; }
            server { listen 127.0.0.1:{{plain}}; listen unix:{{folder["nginx.sock"]}}; {{shared}} }
            server { listen 127.0.0.1:{{tls12}} ssl http2; ssl_protocols TLSv1.2; http2_max_concurrent_streams {{StreamsOnTls12}}; {{shared}} }
            server { listen 127.0.0.1:{{tls13}} ssl http2; ssl_protocols TLSv1.3; {{shared}} }
            server {
              listen 127.0.0.1:{{mutual}} ssl;
              ssl_protocols TLSv1.2 TLSv1.3;
              ssl_client_certificate {{folder["root.pem"]}};
              ssl_verify_client on;
              location / { return 200 "$ssl_client_s_dn"; }
            }
            """;
        var process = await NginxConfiguration.StartAsync(folder, mutual, http);
        return new NginxServer(process, folder["nginx.sock"], plain, tls12, tls13, mutual);
    }

    /// <summary>Ends it at once, as a crash would.</summary>
    public void Kill() => _process.Kill();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}

using System.Net;
using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Integration.Http;

/// <summary>The client against nginx.</summary>
public sealed class NginxTests : IAsyncLifetime, IDisposable
{
    private readonly TestCertificateAuthority _authority = new();
    private NginxServer? _server;

    private NginxServer Server => _server!;

    private HTTPClientOptions Options => Calls.Trusting(_authority.Root);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await NginxServer.StartAsync(_authority);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        Dispose();
    }

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task Both_tls_versions_and_both_http_versions_are_spoken()
    {
        using var client = new HTTPClient(Options);
        foreach (var (url, tls) in new[] { (Server.Tls12, "TLS 1.2"), (Server.Tls13, "TLS 1.3") })
        {
            foreach (var (choice, version, alpn) in new[] { (HttpVersionChoice.Negotiate, 2, "h2"), (HttpVersionChoice.Http2, 2, "h2"), (HttpVersionChoice.Http11, 1, "http/1.1") })
            {
                using var response = await client.GetAsync(url + "hello.txt", new RequestOptions { Version = choice }, Stop);
                Assert.Equal(("hello", version), (response.Text, response.Version.Major));
                Assert.Equal((tls, alpn), (response.Tls?.Protocol, response.Tls?.ApplicationProtocol));
                Assert.Equal(IPAddress.Loopback, Assert.IsType<IPEndPoint>(response.RemoteAddress).Address);
            }
        }
    }

    [Fact]
    public async Task Http2_without_tls_is_an_error_where_the_server_does_not_speak_it()
    {
        var error = await Calls.FailureAsync(Server.Plain + "hello.txt", Options with { Version = HttpVersionChoice.Http2 });
        Assert.Contains(error.Code, new[] { ErrorCodes.HttpMalformed, ErrorCodes.TcpReset, ErrorCodes.TcpClosedEarly });
    }

    [Fact]
    public async Task Many_requests_at_once_share_one_http2_connection()
    {
        using var client = new HTTPClient(Options);
        (await client.GetAsync(Server.Tls13 + "hello.txt", cancellationToken: Stop)).Dispose();
        var responses = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.GetAsync(Server.Tls13 + "text.html", cancellationToken: Stop)));
        Assert.All(responses, response => Assert.Equal((200, true), (response.Status, response.IsReused)));
        Assert.Single(responses.Select(response => response.Text).Distinct());
        Assert.All(responses, response => response.Dispose());
    }

    [Fact]
    public async Task Connection_is_kept_alive_and_one_that_the_server_closes_is_replaced()
    {
        using var client = new HTTPClient(Options);
        async Task<bool> IsReusedAsync(string path)
        {
            using var response = await client.GetAsync(Server.Plain + path, cancellationToken: Stop);
            Assert.Equal(200, response.Status);
            return response.IsReused;
        }
        var reused = new List<bool>();
        foreach (var path in new[] { "hello.txt", "hello.txt", "close", "hello.txt" })
            reused.Add(await IsReusedAsync(path));
        Assert.Equal([false, true, true, false], reused);
    }

    [Fact]
    public async Task Gzip_is_asked_for_and_decoded()
    {
        using var client = new HTTPClient(Options);
        using var coded = await client.GetAsync(Server.Plain + "text.html", cancellationToken: Stop);
        using var plain = await client.GetAsync(Server.Plain + "text.html", new RequestOptions { Headers = new HeaderMap { ["Accept-Encoding"] = "identity" } }, Stop);
        Assert.Equal(("gzip", null), (coded.Headers["Content-Encoding"], plain.Headers["Content-Encoding"]));
        Assert.Equal(plain.Text, coded.Text);
    }

    [Fact]
    public async Task Range_of_a_file_is_read()
    {
        using var client = new HTTPClient(Options);
        using var whole = await client.GetAsync(Server.Tls13 + "large.bin", cancellationToken: Stop);
        using var part = await client.GetAsync(Server.Tls13 + "large.bin", new RequestOptions { Headers = new HeaderMap { ["Range"] = "bytes=1000-1999" } }, Stop);
        using var beyond = await client.GetAsync(Server.Tls13 + "large.bin", new RequestOptions { Headers = new HeaderMap { ["Range"] = "bytes=99999999-" } }, Stop);
        Assert.Equal((NginxServer.LargeBytes, 206, 416), (whole.Content.Length, part.Status, beyond.Status));
        Assert.Equal(whole.Content[1000..2000].ToArray(), part.Content.ToArray());
        Assert.Equal($"bytes 1000-1999/{NginxServer.LargeBytes}", part.Headers["Content-Range"]);
    }

    [Fact]
    public async Task Redirects_are_followed_within_the_server_and_refused_from_https_to_http()
    {
        using var client = new HTTPClient(Options);
        using var moved = await client.GetAsync(Server.Tls13 + "moved", cancellationToken: Stop);
        Assert.Equal(("hello", 301), (moved.Text, Assert.Single(moved.History).Status));
        var error = await Calls.FailureAsync(Server.Tls13 + "out", Options);
        Assert.Equal(ErrorCodes.HttpRedirectRefused, error.Code);
    }

    [Fact]
    public async Task Body_that_the_server_refuses_gives_its_answer()
    {
        using var client = new HTTPClient(Options);
        using var response = await client.PostAsync(Server.Plain + "upload", RequestBody.Bytes(new byte[100_000]), cancellationToken: Stop);
        Assert.Equal(413, response.Status);
    }

    [Fact]
    public async Task Wait_that_the_server_asks_for_beyond_the_cap_is_an_error_with_the_time()
    {
        var error = Assert.IsType<RateLimitException>(await Calls.FailureAsync(Server.Tls13 + "status/429", Options with { Retry = new RetryOptions() }));
        Assert.Equal(TimeSpan.FromSeconds(120), error.RetryAfter);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Client_certificate_is_presented_and_its_absence_is_said(bool oldVersion)
    {
        using var certificate = _authority.Issue(TestCertificateOptions.ForClient("alice"));
        using var stranger = new TestCertificateAuthority("Stranger");
        using var foreign = stranger.Issue(TestCertificateOptions.ForClient("mallory"));
        using var client = new HTTPClient(Calls.Trusting(_authority.Root, new TlsOptions { ClientCertificate = certificate }));
        using var response = await client.GetAsync(Server.Mutual, cancellationToken: Stop);
        Assert.Equal((200, "CN=alice"), (response.Status, response.Text));
        // nginx completes the handshake and answers 400 to a client without the right certificate.
        foreach (var wrong in new[] { null, foreign })
        {
            using var other = new HTTPClient(Calls.Trusting(_authority.Root, new TlsOptions { ClientCertificate = wrong }));
            using var refused = await other.GetAsync(Server.Mutual, new RequestOptions { Version = oldVersion ? HttpVersionChoice.Http11 : null }, Stop);
            Assert.Equal(400, refused.Status);
            Assert.Contains("certificate", refused.Text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Server_that_dies_in_the_middle_of_a_body_gives_a_transient_error_of_an_answered_request(bool http2)
    {
        using var client = new HTTPClient(Options);
        using var response = await client.StreamAsync((http2 ? Server.Tls13 : Server.Plain) + "slow", cancellationToken: Stop);
        var stream = response.OpenStream();
        await stream.ReadExactlyAsync(new byte[1000], Stop);
        Server.Kill();
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => stream.CopyToAsync(Stream.Null, Stop));
        Assert.Contains(error.Code, new[] { ErrorCodes.HttpTruncated, ErrorCodes.TcpReset });
        Assert.Equal((WasSent.Yes, NetworkPhase.Receive, true), (error.WasSent, error.Phase, error.IsTransient));
        var gone = await Calls.FailureAsync(Server.Plain + "hello.txt", Options);
        Assert.Equal((ErrorCodes.TcpRefused, WasSent.Never), (gone.Code, gone.WasSent));
    }

    [Fact]
    public async Task Pinned_key_passes_and_another_fails_on_both_versions()
    {
        using var client = new HTTPClient(Options);
        using var response = await client.GetAsync(Server.Tls13 + "hello.txt", cancellationToken: Stop);
        var pin = response.Tls!.Chain[0].Pin;
        foreach (var version in new[] { HttpVersionChoice.Http11, HttpVersionChoice.Http2 })
        {
            using var pinned = new HTTPClient(Calls.Trusting(_authority.Root, new TlsOptions { Pins = [pin] }) with { Version = version });
            using var passed = await pinned.GetAsync(Server.Tls13 + "hello.txt", cancellationToken: Stop);
            Assert.Equal("hello", passed.Text);
            var other = Calls.Trusting(_authority.Root, new TlsOptions { Pins = [Convert.ToBase64String(new byte[32])] }) with { Version = version };
            Assert.Equal(ErrorCodes.TlsPin, (await Calls.FailureAsync(Server.Tls12 + "hello.txt", other)).Code);
        }
    }

    [Fact]
    public async Task Unknown_root_is_not_trusted_and_the_system_is_not_asked()
    {
        var error = await Calls.FailureAsync(Server.Tls13, Calls.Options);
        Assert.Equal((ErrorCodes.TlsUntrusted, WasSent.Never, NetworkPhase.Tls), (error.Code, error.WasSent, error.Phase));
    }

    [Fact]
    public async Task Credential_arrives_over_http2_as_over_http1()
    {
        foreach (var version in new[] { HttpVersionChoice.Http11, HttpVersionChoice.Http2 })
        {
            using var client = new HTTPClient(Options with { Version = version, Credential = Credential.Basic("u", "p") });
            using var response = await client.GetAsync(Server.Tls13 + "echo", cancellationToken: Stop);
            Assert.Equal("Basic " + Convert.ToBase64String(Encoding.ASCII.GetBytes("u:p")), response.Headers["X-Auth"]);
        }
    }
}

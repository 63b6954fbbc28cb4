using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Interop.Mcp;

/// <summary>
/// A model that wants to reach this machine or a cloud's metadata through <c>codonet mcp</c> under the policy for the public internet alone, by every trick there is. Listeners wait at
/// every address that it could reach, and count.
/// </summary>
public sealed class McpAttackTests : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, int> _asked = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("codonet-attack-").FullName;
    private LoopbackServer _web = null!;
    private LoopbackServer? _web6;
    private LoopbackUDPServer _udp = null!;
    private LoopbackServer _open = null!;
    private ScriptedDnsServer _dns = null!;

    private int Port => _web.Port;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Ways to write an address that may not be reached, or a name that leads there.</summary>
    private static readonly string[] Hosts =
    [
        // As it is, and as it is not usually written (class 35).
        "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "127.000.000.001", "127.0.0.1.", "0", "0.0.0.0", "127.255.255.254",
        "localhost", "LOCALHOST", "localhost.", "sub.localhost", "127.0.0.1%20", "127。0。0。1", "①②⑦.0.0.1", "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ", "%6c%6f%63%61%6c%68%6f%73%74", "127.0.0.1%00.example.com", "127.0.0.1\\.example.com",
        // IPv6, and IPv4 within it: mapped, compatible, NAT64, 6to4, Teredo, with a zone.
        "[::1]", "[0:0:0:0:0:0:0:1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]", "[::1%25lo]", "[fe80::1%25lo]", "[fe80::1]", "[fc00::1]",
        // The metadata of clouds, private networks, those of carriers.
        "169.254.169.254", "0xa9fea9fe", "2852039166", "[::ffff:169.254.169.254]", "[fd00:ec2::254]", "100.100.100.200", "168.63.129.16", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "198.18.0.1",
        // Names that lead there, at once or the next time (class 34).
        "loopback.attack", "mapped.attack", "metadata.attack", "private.attack", "alias.attack", "mixed.attack", "metadata.google.internal",
        // Users, and parsers that disagree (class 16).
        "user:password@127.0.0.1", "example.com@127.0.0.1", "127.0.0.1@metadata.attack", "example.com%40127.0.0.1", "example.com#@127.0.0.1", "example.com\\@127.0.0.1", "127.0.0.1#example.com", "127.0.0.1?example.com",
    ];

    public ValueTask InitializeAsync()
    {
        _web = LoopbackServer.Start();
        try
        {
            _web6 = LoopbackServer.Start(new LoopbackServerOptions { Address = IPAddress.IPv6Loopback, Port = Port });
        }
        catch (System.Net.Sockets.SocketException)
        {
            // A machine without IPv6.
        }
        _udp = LoopbackUDPServer.Start(null, new IPEndPoint(IPAddress.Loopback, 0));
        // An address that the operator allows, so that there is something that may be reached, and that leads astray.
        _open = LoopbackServer.Start(new LoopbackServerOptions { Address = IPAddress.Parse("127.0.0.2") })
            .Map("GET", "/robots.txt", static exchange => exchange.RespondAsync(404))
            .Map("GET", "/", exchange =>
            {
                exchange.KeepAlive = false;
                return exchange.RespondAsync(200, "you may read this");
            })
            .Map("GET", "/redirect", exchange => exchange.RespondAsync(302, headers: [new("Location", exchange.Query["to"]!)]));
        _dns = ScriptedDnsServer.Start(question => (question.Name, _asked.AddOrUpdate(question.Name + question.Type, 1, static (_, count) => count + 1)) switch
        {
            ("loopback.attack", _) => ScriptedDnsAnswer.Of("127.0.0.1"),
            ("mapped.attack", _) => ScriptedDnsAnswer.Of("::ffff:127.0.0.1"),
            ("metadata.attack" or "metadata.google.internal", _) => ScriptedDnsAnswer.Of("169.254.169.254"),
            ("private.attack", _) => ScriptedDnsAnswer.Of("10.0.0.1", "192.168.0.1"),
            ("alias.attack", _) => ScriptedDnsAnswer.Of("127.0.0.1") with { CanonicalName = "harmless.example" },
            ("mixed.attack", _) => ScriptedDnsAnswer.Of("127.0.0.1", "169.254.169.254"),
            // Harmless when it is asked for first, not any more after that.
            ("rebind.attack", 1) => ScriptedDnsAnswer.Of("127.0.0.2") with { TimeToLive = TimeSpan.Zero },
            ("rebind.attack", _) => ScriptedDnsAnswer.Of("127.0.0.1") with { TimeToLive = TimeSpan.Zero },
            ("both.attack", _) => ScriptedDnsAnswer.Of("127.0.0.2", "127.0.0.1") with { TimeToLive = TimeSpan.Zero },
            _ => ScriptedDnsAnswer.NoSuchName,
        });
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Http_tools_never_connect_to_what_the_policy_denies()
    {
        await using var peer = await McpPeer.StartAsync("--dns", _dns.EndPoint.ToString(), "--max-hosts", "10000", "--max-requests", "10000");
        foreach (var host in Hosts)
        {
            foreach (var port in new[] { $":{Port}", "" })
            {
                await DeniedAsync(peer, "http_request", new { url = $"http://{host}{port}/" });
                await DeniedAsync(peer, "http_request", new { url = $"https://{host}{port}/", method = "POST", body = "x" });
                await DeniedAsync(peer, "fetch_text", new { url = $"http://{host}{port}/latest/meta-data/" });
            }
        }
        foreach (var url in new[] { "file:///etc/passwd", "gopher://127.0.0.1:9/", "unix:/var/run/docker.sock", "http://unix:/var/run/docker.sock:/info", "//127.0.0.1/", "http:127.0.0.1", "http:///127.0.0.1/", "", " http://127.0.0.1/", "http://\t127.0.0.1/" })
        {
            await DeniedAsync(peer, "http_request", new { url });
            await DeniedAsync(peer, "fetch_text", new { url });
        }
        // A Host field says whom one speaks of, not whom one speaks to.
        await DeniedAsync(peer, "http_request", new { url = $"http://127.0.0.1:{Port}/", headers = new { Host = "example.com" } });
        AssertNobodyCame();
    }

    [Fact]
    public async Task Socket_tools_never_connect_to_what_the_policy_denies()
    {
        await using var peer = await McpPeer.StartAsync("--dns", _dns.EndPoint.ToString(), "--max-hosts", "10000", "--max-requests", "10000");
        foreach (var host in Hosts)
        {
            var bare = host.Trim('[', ']').Replace("%25", "%", StringComparison.Ordinal);
            await DeniedAsync(peer, "websocket_exchange", new { url = $"ws://{host}:{Port}/", send = new[] { "x" }, wait_ms = 100 });
            await DeniedAsync(peer, "tcp_exchange", new { host = bare, port = Port, send = "x", wait_ms = 100 });
            await DeniedAsync(peer, "tcp_exchange", new { host, port = Port, tls = true, wait_ms = 100 });
            await DeniedAsync(peer, "udp_exchange", new { host = bare, port = _udp.Port, send = "x", wait_ms = 100 });
        }
        AssertNobodyCame();
    }

    [Fact]
    public async Task Explain_scans_and_ssh_never_connect_to_what_the_policy_denies()
    {
        var scope = Path.Combine(_folder, "scope.json");
        await File.WriteAllTextAsync(scope, """{"name":"too much","allow":["0.0.0.0/0","::/0","*.attack","localhost","*.localhost"]}""", Stop);
        var target = string.Create(CultureInfo.InvariantCulture, $"root@127.0.0.1:{Port}");
        await using var peer = await McpPeer.StartAsync("--dns", _dns.EndPoint.ToString(), "--scope", scope, "--ssh", target, "--ssh", $"root@loopback.attack:{Port}", "--insecure-any-host-key", "--files", _folder, "--max-hosts", "10000", "--max-requests", "10000");
        foreach (var host in Hosts)
        {
            var bare = host.Trim('[', ']').Replace("%25", "%", StringComparison.Ordinal);
            await DeniedAsync(peer, "explain", new { target = $"http://{host}:{Port}/" });
            await DeniedAsync(peer, "explain", new { target = $"{host}:{Port}" });
            await DeniedAsync(peer, "scan_ports", new { targets = new[] { bare }, ports = $"{Port}" });
        }
        foreach (var allowed in new[] { target, $"root@loopback.attack:{Port}" })
        {
            await DeniedAsync(peer, "ssh_run", new { target = allowed, command = "id" });
            await DeniedAsync(peer, "sftp_get", new { target = allowed, remote = "/etc/passwd", local = "x" });
        }
        AssertNobodyCame();
    }

    [Fact]
    public async Task A_redirect_leads_nowhere_that_the_policy_denies()
    {
        await using var peer = await McpPeer.StartAsync("--dns", _dns.EndPoint.ToString(), "--allow", "127.0.0.2", "--max-hosts", "10000", "--max-requests", "10000");
        Assert.Equal("ok", (await peer.CallAsync("http_request", new { url = _open.Url })).GetProperty("code").GetString());
        foreach (var to in Hosts.Select(host => $"http://{host}:{Port}/").Concat([$"//127.0.0.1:{Port}/", "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "gopher://127.0.0.1/"]))
        {
            var url = $"{_open.Url}redirect?to={Uri.EscapeDataString(to)}";
            // A Location that is none cannot be followed: the redirect itself is the result then.
            if (to.Any(static c => c is < '!' or > '~'))
                continue;
            var answer = await peer.CallAsync("http_request", new { url, follow_redirects = true });
            Assert.DoesNotContain("\"status\":200", answer.GetRawText());
            answer = await peer.CallAsync("fetch_text", new { url });
            Assert.DoesNotContain("\"status\":200", answer.GetRawText());
            await DeniedAsync(peer, "websocket_exchange", new { url = url.Replace("http://", "ws://", StringComparison.Ordinal), wait_ms = 100 });
        }
        AssertNobodyCame();
    }

    [Fact]
    public async Task Robots_that_redirect_to_this_machine_are_not_followed()
    {
        _open.Map("GET", "/robots.txt", exchange => exchange.RespondAsync(302, headers: [new("Location", $"http://127.0.0.1:{Port}/")]));
        await using var peer = await McpPeer.StartAsync("--dns", _dns.EndPoint.ToString(), "--allow", "127.0.0.2");
        await DeniedAsync(peer, "fetch_text", new { url = _open.Url });
        AssertNobodyCame();
    }

    [Fact]
    public async Task A_name_that_changes_its_mind_is_checked_each_time()
    {
        await using var peer = await McpPeer.StartAsync("--dns", _dns.EndPoint.ToString(), "--allow", "127.0.0.2", "--ignore-robots");
        foreach (var name in new[] { "rebind.attack", "both.attack" })
        {
            for (var i = 0; i < 4; i++)
            {
                foreach (var tool in new[] { "http_request", "fetch_text" })
                    await peer.CallAsync(tool, new { url = $"http://{name}:{_open.Port}/" });
                await peer.CallAsync("tcp_exchange", new { host = name, port = _open.Port, send = "x", wait_ms = 50 });
                await peer.CallAsync("tcp_exchange", new { host = name, port = Port, send = "x", wait_ms = 50 });
                await peer.CallAsync("udp_exchange", new { host = name, port = _udp.Port, send = "x", wait_ms = 50 });
                await peer.CallAsync("explain", new { target = $"{name}:{Port}" });
            }
        }
        Assert.True(_open.ConnectionCount > 0, "nothing was reached at all");
        AssertNobodyCame();
    }

    [Fact]
    public async Task Proxies_of_the_environment_are_not_used()
    {
        var proxy = $"http://127.0.0.1:{Port}";
        var environment = new Dictionary<string, string?>();
        foreach (var name in new[] { "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy" })
            environment[name] = proxy;
        await using var peer = await McpPeer.StartAsync("stdio", null, environment, "--dns", _dns.EndPoint.ToString(), "--allow", "127.0.0.2");
        Assert.Equal("ok", (await peer.CallAsync("http_request", new { url = _open.Url })).GetProperty("code").GetString());
        await DeniedAsync(peer, "http_request", new { url = "http://metadata.attack/" });
        await DeniedAsync(peer, "websocket_exchange", new { url = "ws://metadata.attack/" });
        AssertNobodyCame();
    }

    [Fact]
    public async Task Names_that_may_not_be_reached_are_not_told_to_the_name_server()
    {
        await using var peer = await McpPeer.StartAsync("--dns", _dns.EndPoint.ToString(), "--policy", "nothing", "--allow", "allowed.example");
        await DeniedAsync(peer, "dns_lookup", new { name = "secret-data.attack", type = "TXT" });
        await DeniedAsync(peer, "dns_lookup", new { name = "_x._tcp.secret-data.attack", type = "SRV" });
        await DeniedAsync(peer, "http_request", new { url = "http://secret-data.attack/" });
        Assert.DoesNotContain(_dns.Questions, static question => question.Name.Contains("secret", StringComparison.Ordinal));
        await peer.CallAsync("dns_lookup", new { name = "allowed.example" });
        Assert.Contains(_dns.Questions, static question => question.Name == "allowed.example");
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        if (_web6 is not null)
            await _web6.DisposeAsync();
        await _udp.DisposeAsync();
        await _open.DisposeAsync();
        await _dns.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task DeniedAsync(McpPeer peer, string tool, object arguments)
    {
        JsonElement answer;
        try
        {
            answer = await peer.CallAsync(tool, arguments);
        }
        catch (ModelContextProtocol.McpException)
        {
            // Not even understood.
            return;
        }
        var code = answer.GetProperty("code").GetString()!;
        // A scan says of each address what became of it.
        if (tool == "scan_ports" && code == "ok")
        {
            Assert.Equal(0, answer.GetProperty("result").GetProperty("open").GetArrayLength());
            return;
        }
        Assert.True(code is "policy.denied" or "usage" or "dns.not_found" or "http.redirect_refused" or "ws.handshake", $"{tool} {JsonSerializer.Serialize(arguments)}: {answer}");
    }

    private void AssertNobodyCame()
    {
        Assert.Equal(0, _web.ConnectionCount);
        Assert.Equal(0, _web6?.ConnectionCount ?? 0);
        Assert.Empty(_udp.Received);
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using PortSet = Codomyrmex.Networking.Scanning.PortSet;

namespace Codomyrmex.Networking.Tests.Integration.Ssh;

public sealed class ForwardTests : IAsyncLifetime
{
    private OpenSshServer _server = null!;
    private SSHClient _ssh = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await OpenSshServer.StartAsync(cancellationToken: Token);
        _ssh = await Connected.ToAsync(_server);
    }

    public async ValueTask DisposeAsync()
    {
        await _ssh.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task HTTPClient_reaches_a_server_through_a_tunnel()
    {
        await using var lab = LabEndpoints.MapTo(LoopbackServer.Start());
        await using var client = new HTTPClient(new HTTPClientOptions { Transport = new() { DialOver = _ssh.DialAsync } });
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => client.GetAsync($"{lab.Url}range/{100_000 + i}", cancellationToken: Token)));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => 100_000 + i), answers.Select(answer => answer.Content.Length));
        await using var denied = new HTTPClient(new HTTPClientOptions { Transport = new() { DialOver = _ssh.DialAsync, Policy = EgressPolicy.PublicInternetOnly } });
        await Assert.ThrowsAsync<PolicyException>(() => denied.GetAsync(lab.Url.ToString(), cancellationToken: Token));
    }

    [Fact]
    public async Task PortScanner_looks_behind_a_jump()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var open = ((IPEndPoint)listener.LocalEndpoint).Port;
        var options = new PortScannerOptions { ReportAll = true, Transport = new() { DialOver = _ssh.DialAsync } };
        var found = await new PortScanner("127.0.0.1", options).ScanAsync(PortSet.Of(1, 2, 3, open, _server.Port), Token);
        Assert.Equal(new[] { open, _server.Port }.Order(), found);
        // What the server says of the others: nobody listens there.
        Assert.Equal(3, found.Summary.Closed);
        Assert.All(found.Report.Results.Where(static result => result.State == PortState.Closed), static result => Assert.Equal(PortReason.ProxyRefused, result.Reason));
        Assert.Contains("another stream", found.Summary.ModeReason);
        Assert.True(_ssh.IsConnected);
    }

    [Fact]
    public async Task TCPClient_talks_through_a_tunnel_and_ends_its_side()
    {
        await using var echo = TCPServer.Start(async (connection, token) =>
        {
            var all = new MemoryStream();
            await foreach (var frame in connection.ReceiveAllAsync(token))
                all.Write(frame.Span);
            await connection.SendAsync(all.ToArray(), token);
        });
        await using var client = new TCPClient("127.0.0.1", echo.Port, new() { Transport = new() { DialOver = _ssh.DialAsync } });
        await client.SendAsync("to the end"u8.ToArray(), Token);
        await client.EndSendingAsync(Token);
        Assert.Equal("to the end", Encoding.UTF8.GetString((await client.ReceiveAsync(Token)).Span));
    }

    [Fact]
    public async Task Jump_leads_to_a_second_server_whose_key_is_judged_by_its_own_name()
    {
        await using var inner = await OpenSshServer.StartAsync(cancellationToken: Token);
        await using var behind = await Connected.ToAsync(inner, options => options with { Transport = new() { DialOver = _ssh.DialAsync } });
        Assert.Equal("inside\n", (await behind.RunAsync("echo inside", cancellationToken: Token)).Stdout);
        await using var third = await Connected.ToAsync(inner, options => options with { Transport = new() { DialOver = behind.DialAsync } });
        Assert.Equal("deeper\n", (await third.RunAsync("echo deeper", cancellationToken: Token)).Stdout);
        // The wrong key at the end of the way is refused as anywhere.
        var unknown = await Assert.ThrowsAsync<SSHException>(() => Connected.ToAsync(inner, options => options with { Transport = new() { DialOver = _ssh.DialAsync }, HostKeys = new HostKeyTrust { KnownHostsFiles = [_server.KnownHostsFile] } }));
        Assert.Equal(ErrorCodes.SshHostKeyUnknown, unknown.Code);
    }

    [Fact]
    public async Task Refused_tunnel_says_so_and_the_connection_lives_on()
    {
        var refused = await Assert.ThrowsAsync<SSHException>(() => _ssh.OpenTunnelAsync("127.0.0.1", 1, Token));
        Assert.Equal((ErrorCodes.SshChannel, WasSent.Never), (refused.Code, refused.WasSent));
        Assert.Contains("cannot be reached", refused.Message);
        Assert.Equal("on\n", (await _ssh.RunAsync("echo on", cancellationToken: Token)).Stdout);
    }

    [Fact]
    public async Task Local_forward_joins_connections_until_it_is_disposed()
    {
        await using var lab = LabEndpoints.MapTo(LoopbackServer.Start());
        var forward = await _ssh.ForwardLocalAsync(new IPEndPoint(IPAddress.Loopback, 0), "127.0.0.1", lab.Url.Port, Token);
        var port = ((IPEndPoint)forward.ListensOn).Port;
        await using var client = new HTTPClient();
        Assert.Equal(200, (await client.GetAsync($"http://127.0.0.1:{port}/get", cancellationToken: Token)).Status);
        await forward.DisposeAsync();
        await using var after = new HTTPClient();
        Assert.Equal(ErrorCodes.TcpRefused, (await Assert.ThrowsAsync<ConnectionException>(() => after.GetAsync($"http://127.0.0.1:{port}/get", cancellationToken: Token))).Code);
    }

    [Fact]
    public async Task Unix_sockets_are_forwarded_and_dialled()
    {
        var path = Path.Combine(_server.Folder, "there");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var served = Task.Run(async () =>
        {
            using var accepted = await listener.AcceptAsync(Token);
            var bytes = new byte[5];
            await new NetworkStream(accepted).ReadExactlyAsync(bytes, Token);
            await accepted.SendAsync(bytes, Token);
        }, Token);
        await using var forward = await _ssh.ForwardLocalAsync(new UnixDomainSocketEndPoint(Path.Combine(_server.Folder, "here")), "127.0.0.1", 9, Token);
        await using var tunnel = await _ssh.OpenUnixTunnelAsync(path, Token);
        await tunnel.WriteAsync("hello"u8.ToArray(), Token);
        var back = new byte[5];
        await tunnel.ReadExactlyAsync(back, Token);
        Assert.Equal("hello"u8.ToArray(), back);
        await served;
    }

    [Fact]
    public async Task Dynamic_forward_is_a_SOCKS5_proxy_under_the_policy()
    {
        await using var lab = LabEndpoints.MapTo(LoopbackServer.Start());
        await using var forward = await _ssh.ForwardDynamicAsync(new IPEndPoint(IPAddress.Loopback, 0), Token);
        var proxy = ProxyOptions.Parse($"socks5://127.0.0.1:{((IPEndPoint)forward.ListensOn).Port}");
        await using var client = new HTTPClient(new HTTPClientOptions { Transport = new() { Proxy = proxy } });
        Assert.Equal(200, (await client.GetAsync($"{lab.Url}get", cancellationToken: Token)).Status);
    }

    [Fact]
    public async Task Remote_forward_reaches_back_to_this_side()
    {
        await using var lab = LabEndpoints.MapTo(LoopbackServer.Start());
        await using var forward = await _ssh.ForwardRemoteAsync("127.0.0.1", 0, "127.0.0.1", lab.Url.Port, Token);
        var port = ((DnsEndPoint)forward.ListensOn).Port;
        Assert.NotEqual(0, port);
        await using var client = new HTTPClient();
        Assert.Equal(200, (await client.GetAsync($"http://127.0.0.1:{port}/get", cancellationToken: Token)).Status);
        var taken = await Assert.ThrowsAsync<SSHException>(() => _ssh.ForwardRemoteAsync("127.0.0.1", _server.Port, "127.0.0.1", 1, Token));
        Assert.Equal(ErrorCodes.SshChannel, taken.Code);
    }

    [Fact]
    public async Task Proxies_lead_to_the_server()
    {
        await using var proxy = LoopbackProxy.Start();
        await using var ssh = await Connected.ToAsync(_server, options => options with { Transport = new() { Proxy = ProxyOptions.Parse($"http://127.0.0.1:{proxy.Port}") } });
        Assert.Equal("through\n", (await ssh.RunAsync("echo through", cancellationToken: Token)).Stdout);
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Tests.Integration.Ssh;

/// <summary>HTTP and WebSocket through an SSH jump through SOCKS: dante and OpenSSH, with a fault at each layer.</summary>
public sealed class LayerTests : IAsyncLifetime
{
    private readonly int _socks = ServerProcess.FreePort();
    private readonly int _blocked = ServerProcess.FreePort();
    private LoopbackServer _lab = null!;
    private OpenSshServer _jump = null!;
    private ServerProcess _dante = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string SocksLayer => $"socks5 127.0.0.1:{_socks}";

    private string JumpLayer => $"ssh {_jump.User}@127.0.0.1:{_jump.Port}";

    private string WebLayer => $"http 127.0.0.1:{_lab.Port}";

    public async ValueTask InitializeAsync()
    {
        _lab = LabEndpoints.MapTo(LoopbackServer.Start());
        _jump = await OpenSshServer.StartAsync(cancellationToken: Stop);
        _dante = await DanteProxy.StartAsync(_socks, "none", _blocked);
    }

    public async ValueTask DisposeAsync()
    {
        await _dante.DisposeAsync();
        await _jump.DisposeAsync();
        await _lab.DisposeAsync();
    }

    private SSHClient Jump(Func<SSHClientOptions, SSHClientOptions>? change = null)
    {
        var options = Connected.Options(_jump) with
        {
            Retry = new RetryOptions { Retries = 0 },
            Transport = new TransportOptions { Proxy = ProxyOptions.Parse($"socks5://127.0.0.1:{_socks}") },
        };
        return new SSHClient(_jump.Host, _jump.User, change is null ? options : change(options));
    }

    private static HTTPClientOptions Over(SSHClient jump) => new() { Retry = RetryOptions.None, Transport = new TransportOptions { DialOver = jump.DialAsync } };

    private async Task<NetworkException> FailAsync(SSHClient jump, string? url = null, Deadline deadline = default)
    {
        await using var client = new HTTPClient(Over(jump));
        return await Assert.ThrowsAnyAsync<NetworkException>(() => client.GetAsync(url ?? $"{_lab.Url}get", new RequestOptions { Deadline = deadline }, Stop));
    }

    [Fact]
    public async Task Request_and_socket_share_the_way_and_name_each_layer_with_its_time()
    {
        await using var jump = Jump();
        await using var client = new HTTPClient(Over(jump));
        var started = Stopwatch.GetTimestamp();
        using var response = await client.GetAsync($"{_lab.Url}get", new RequestOptions { Deadline = Deadline.After(TimeSpan.FromSeconds(20)) }, Stop);
        var whole = Stopwatch.GetElapsedTime(started);
        Assert.Equal(200, response.Status);
        string[] expected = [$"dns 127.0.0.1", $"tcp 127.0.0.1:{_socks}", SocksLayer, JumpLayer, $"tunnel of 127.0.0.1:{_jump.Port}"];
        Assert.Equal(expected, response.Layers.Select(layer => layer.Name));
        // An address takes no time to look up; of the others, each took some, and together no more than the whole.
        Assert.All(response.Layers.Skip(1), layer => Assert.True(layer.Elapsed > TimeSpan.Zero));
        Assert.InRange(TimeSpan.FromTicks(response.Layers.Sum(layer => layer.Elapsed.Ticks)), TimeSpan.Zero, whole);

        await using var ws = await WebSocketClient.ConnectAsync($"ws://127.0.0.1:{_lab.Port}/ws/echo", new WebSocketOptions { Transport = new TransportOptions { DialOver = jump.DialAsync } }, Stop);
        await ws.SendAsync("there and back", Stop);
        Assert.Equal("there and back", (await ws.ReceiveAsync(Stop)).ToString());
        Assert.Equal(expected, ws.Layers.Select(layer => layer.Name));
        var report = await ConnectionProbe.RunAsync(new Endpoint("127.0.0.1", _lab.Port), useTls: false, new TransportOptions { DialOver = jump.DialAsync }, cancellationToken: Stop);
        Assert.Equal(expected, report.Layers.Select(layer => layer.Name));
    }

    [Fact]
    public async Task Refusal_of_the_proxy_names_the_proxy()
    {
        await using var jump = new SSHClient("127.0.0.1", _jump.User, Connected.Options(_jump) with { Port = _blocked, Retry = new RetryOptions { Retries = 0 }, Transport = Jump().Options.Transport });
        var error = await FailAsync(jump);
        Assert.Equal(ErrorCodes.ProxyRefused, Assert.IsType<ProxyException>(error).Code);
        Assert.Equal([WebLayer, $"ssh {_jump.User}@127.0.0.1:{_blocked}", SocksLayer], error.Layers);
        Assert.Contains("not allowed by ruleset", error.Message);
        Assert.Equal(WasSent.Never, error.WasSent);
        Assert.Contains(string.Join(" over ", error.Layers), error.ToString());
    }

    [Fact]
    public async Task Proxy_that_is_gone_names_the_proxy()
    {
        await using var jump = Jump();
        _dante.Kill();
        var error = await FailAsync(jump);
        Assert.Equal((ErrorCodes.ProxyRefused, SocksLayer), (error.Code, error.Layers[^1]));
    }

    [Fact]
    public async Task Changed_key_of_the_jump_names_the_jump()
    {
        await using var other = await OpenSshServer.StartAsync(cancellationToken: Stop);
        var known = Path.Combine(_jump.Folder, "known");
        await File.WriteAllTextAsync(known, (await File.ReadAllTextAsync(other.KnownHostsFile, Stop)).Replace($":{other.Port} ", $":{_jump.Port} "), Stop);
        await using var jump = Jump(options => options with { HostKeys = new HostKeyTrust { KnownHostsFiles = [known] } });
        var error = await FailAsync(jump);
        Assert.Equal(ErrorCodes.SshHostKeyChanged, Assert.IsType<SSHException>(error).Code);
        Assert.Equal([WebLayer, JumpLayer], error.Layers);
        Assert.Equal(WasSent.Never, error.WasSent);
        // The socket tells the same of the same way.
        var socket = await Assert.ThrowsAnyAsync<NetworkException>(() => WebSocketClient.ConnectAsync($"ws://127.0.0.1:{_lab.Port}/ws/echo",
            new WebSocketOptions { Transport = new TransportOptions { DialOver = jump.DialAsync }, Retry = RetryOptions.None }, Stop));
        Assert.Equal((ErrorCodes.SshHostKeyChanged, $"ws 127.0.0.1:{_lab.Port}", JumpLayer), (socket.Code, socket.Layers[0], socket.Layers[^1]));
    }

    [Fact]
    public async Task Target_that_refuses_is_told_by_the_jump_which_lives_on()
    {
        await using var jump = Jump();
        var closed = ServerProcess.FreePort();
        var error = await FailAsync(jump, $"http://127.0.0.1:{closed}/");
        Assert.Equal(ErrorCodes.SshChannel, Assert.IsType<SSHException>(error).Code);
        Assert.Equal([$"http 127.0.0.1:{closed}", JumpLayer], error.Layers);
        await using var client = new HTTPClient(Over(jump));
        Assert.Equal(200, (await client.GetAsync($"{_lab.Url}get", cancellationToken: Stop)).Status);
    }

    [Fact]
    public async Task Jump_that_dies_names_itself_to_all_who_go_through_it()
    {
        await using var jump = Jump();
        await jump.ConnectAsync(Stop);
        _jump.Kill();
        for (var i = 0; i < 2; i++)
            Assert.Equal([WebLayer, JumpLayer], (await FailAsync(jump)).Layers.Take(2));
    }

    [Fact]
    public async Task One_deadline_spans_all_layers_and_names_the_one_that_was_waited_for()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        // The SOCKS proxy connects; what it connects to never says that it is an SSH server.
        await using var jump = new SSHClient("127.0.0.1", "ada", Connected.Options(_jump) with { Port = port, Transport = Jump().Options.Transport });
        var error = await FailAsync(jump, deadline: Deadline.After(TimeSpan.FromMilliseconds(800)));
        Assert.Equal(TimeoutKind.Total, Assert.IsType<NetworkTimeoutException>(error).Kind);
        Assert.Equal([WebLayer, $"ssh ada@127.0.0.1:{port}"], error.Layers);
        Assert.Contains($"at ssh ada@127.0.0.1:{port}", error.Message);

        // And one whose proxy never answers.
        await using var stalled = Jump(options => options with { Transport = new TransportOptions { Proxy = ProxyOptions.Parse($"socks5://127.0.0.1:{port}") } });
        var early = await FailAsync(stalled, deadline: Deadline.After(TimeSpan.FromMilliseconds(800)));
        Assert.Equal((ErrorCodes.TimeoutTotal, $"socks5 127.0.0.1:{port}"), (early.Code, early.Layers[^1]));
    }

    [Fact]
    public async Task Budget_spans_the_jump_and_what_goes_through_it()
    {
        var budget = new NetworkBudget(connections: 2, bytes: 300_000);
        await using var jump = Jump(options => options with { Transport = options.Transport with { Budget = budget } });
        await using var client = new HTTPClient(Over(jump) with { Transport = new TransportOptions { DialOver = jump.DialAsync, Budget = budget } });
        Assert.Equal(200, (await client.GetAsync($"{_lab.Url}bytes/10000", cancellationToken: Stop)).Status);
        Assert.Equal((2, 1), (budget.ConnectionsUsed, budget.RequestsUsed));
        Assert.Equal(new[] { _jump.Port, _lab.Port }.Order(), budget.Usage.Select(usage => usage.Endpoint.Port).Order());
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => client.GetAsync($"{_lab.Url}bytes/1000000", cancellationToken: Stop));
        Assert.Equal(ErrorCodes.BudgetBytes, error.Code);
    }
}

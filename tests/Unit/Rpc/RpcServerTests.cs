using System.Net;
using System.Net.Sockets;
using System.Text;
using Codomyrmex.Networking.Rpc;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using static Codomyrmex.Networking.Tests.Unit.Rpc.RpcAgents;

namespace Codomyrmex.Networking.Tests.Unit.Rpc;

/// <summary>One message channel over TCP, TLS, Unix-domain sockets and WebSockets.</summary>
public class RpcServerTests : IDisposable
{
    private readonly TestCertificateAuthority _authority = new("our agents");
    private readonly TemporaryDirectory _folder = new();

    [Theory, MemberData(nameof(RpcAgents.Ways), MemberType = typeof(RpcAgents))]
    public async Task Agents_call_each_other_and_notify_over_every_transport(string way)
    {
        var heard = new TaskCompletionSource<string>();
        var (server, connect) = Start(way, _authority, _folder, new RpcServerOptions
        {
            Rpc = new RpcOptions { Methods = Methods() },
            Connected = peer => peer.NotifyAsync("welcome", "hello", AgentJson.Default.String),
        });
        await using var _ = server;
        var own = new RpcMethods().AddNotification("welcome", AgentJson.Default.String, (text, _) => Task.FromResult(heard.TrySetResult(text!)));
        await using var rpc = await RpcConnection.ConnectAsync(server.Address, connect with { Rpc = new RpcOptions { Methods = own } }, Cancel);
        Assert.Equal(3, await rpc.CallAsync("add", new Pair(1, 2), AgentJson.Default.Pair, AgentJson.Default.Int32, Cancel));
        Assert.Equal("hello", await heard.Task.WaitAsync(Cancel));
        var many = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => rpc.CallAsync("add", new Pair(i, 1), AgentJson.Default.Pair, AgentJson.Default.Int32, Cancel)));
        Assert.Equal(Enumerable.Range(1, 100), many);
        Assert.Single(server.Connections);
    }

    [Theory, MemberData(nameof(RpcAgents.Ways), MemberType = typeof(RpcAgents))]
    public async Task A_streamed_answer_comes_whole_and_in_order_over_every_transport(string way)
    {
        var (server, connect) = Start(way, _authority, _folder, new RpcServerOptions { Rpc = new RpcOptions { Methods = Methods() } });
        await using var _ = server;
        await using var rpc = await RpcConnection.ConnectAsync(server.Address, connect, Cancel);
        var items = await rpc.StreamAsync("count", 500, AgentJson.Default.Int32, AgentJson.Default.String, cancellationToken: Cancel).ToListAsync(Cancel);
        Assert.Equal(Enumerable.Range(0, 500).Select(i => new string('x', 100) + i), items);
    }

    [Theory]
    [InlineData("tls")]
    [InlineData("wss")]
    public async Task The_client_is_who_its_certificate_says(string way)
    {
        var (server, connect) = Start(way, _authority, _folder, new RpcServerOptions { Rpc = new RpcOptions { Methods = Methods() } });
        await using var _ = server;
        await using var rpc = await RpcConnection.ConnectAsync(server.Address, connect, Cancel);
        Assert.Contains("planner", await rpc.CallAsync("who", AgentJson.Default.String, Cancel));
        if (way == "tls")
            Assert.NotNull(rpc.Peer.Certificate);
    }

    [Theory]
    [InlineData("tls")]
    [InlineData("wss")]
    public async Task Who_proves_nothing_or_is_not_admitted_is_not_served(string way)
    {
        var (server, connect) = Start(way, _authority, _folder, new RpcServerOptions
        {
            Rpc = new RpcOptions { Methods = Methods() },
            Admit = peer => peer.Certificate?.Subject.Contains("planner", StringComparison.Ordinal) == true,
        });
        await using var _ = server;
        using var others = new TestCertificateAuthority("others");
        foreach (var certificate in new[] { null, others.Issue(TestCertificateOptions.ForClient("planner")), _authority.Issue(TestCertificateOptions.ForClient("stranger")) })
        {
            var transport = connect.Transport with { Tls = new TlsOptions { TrustedRoots = [_authority.Root], ClientCertificate = certificate } };
            await Assert.ThrowsAnyAsync<NetworkException>(async () =>
            {
                await using var rpc = await RpcConnection.ConnectAsync(server.Address, connect with { Transport = transport }, Cancel);
                await rpc.CallAsync("who", AgentJson.Default.String, Cancel);
            });
        }
        Assert.Empty(server.Connections);
    }

    [Fact]
    public async Task The_egress_policy_holds_for_agents_too()
    {
        await using var server = RpcServer.Start("tcp://127.0.0.1:0", new RpcServerOptions());
        var strict = new RpcConnectOptions { Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly } };
        await Assert.ThrowsAsync<PolicyException>(() => RpcConnection.ConnectAsync(server.Address, strict, Cancel));
        await Assert.ThrowsAsync<PolicyException>(() => RpcConnection.ConnectAsync(server.Address.Replace("tcp", "ws", StringComparison.Ordinal), strict, Cancel));
    }

    [Theory, Trait("Cve", "38")]
    [InlineData("GET /rpc HTTP/1.1\r\nHost: x\r\n\r\n", "400")]
    [InlineData("POST /rpc HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", "400")]
    [InlineData("GET /other HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", "404")]
    [InlineData("GET /rpc HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n", "400")]
    [InlineData("GET /rpc HTTP/1.1\r\nHost: x\r\nOrigin: https://evil.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", "403")]
    [InlineData("GET /rpc HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n\u0081\u0080xxxx", "400")]
    [InlineData("GET /rpc HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", "101")]
    public async Task Only_a_clean_handshake_of_a_program_opens_a_websocket(string request, string status)
    {
        await using var server = RpcServer.Start("ws://127.0.0.1:0/rpc", new RpcServerOptions());
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(new Uri(server.Address).Authority), Cancel);
        await socket.SendAsync(Encoding.Latin1.GetBytes(request), SocketFlags.None, Cancel);
        var buffer = new byte[4096];
        var count = await socket.ReceiveAsync(buffer, SocketFlags.None, Cancel);
        Assert.StartsWith($"HTTP/1.1 {status} ", Encoding.Latin1.GetString(buffer, 0, count));
        // The accept of RFC 6455, section 1.3.
        Assert.Equal(status == "101", Encoding.Latin1.GetString(buffer, 0, count).Contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ws", "[]", "-32600")]
    [InlineData("tcp", "nonsense", "-32700")]
    public async Task A_peer_that_speaks_no_json_rpc_is_hung_up_on(string way, string message, string code)
    {
        var (server, connect) = Start(way, _authority, _folder, new RpcServerOptions());
        await using var _ = server;
        if (way == "ws")
        {
            await using var socket = await Codomyrmex.Networking.WebSockets.WebSocketClient.ConnectAsync(server.Address, cancellationToken: Cancel);
            await socket.SendAsync(message, Cancel);
            Assert.Contains(code, (await socket.ReceiveAsync(Cancel))!.Value.Text);
            Assert.Null(await socket.ReceiveAsync(Cancel));
            return;
        }
        await using var client = await Codomyrmex.Networking.Sockets.TCPClient.ConnectAsync("127.0.0.1", new Uri(server.Address).Port, cancellationToken: Cancel);
        await client.SendAsync(message + "\n", Cancel);
        using var lines = new StreamReader(client.Connection!.AsStream());
        Assert.Contains(code, await lines.ReadLineAsync(Cancel));
        Assert.Null(await lines.ReadLineAsync(Cancel));
    }

    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1:80")]
    [InlineData("http://127.0.0.1:80")]
    [InlineData("tcp://127.0.0.1")]
    [InlineData("tcp://127.0.0.1:80/path")]
    [InlineData("ws://user:secret@127.0.0.1:80/")]
    [InlineData("unix:relative.sock")]
    public async Task What_is_no_address_is_a_wrong_argument(string address) =>
        await Assert.ThrowsAnyAsync<ArgumentException>(() => RpcConnection.ConnectAsync(address, cancellationToken: Cancel));

    [Fact]
    public void A_server_speaks_tls_where_its_address_says_so_and_nowhere_else()
    {
        Assert.Throws<ArgumentException>(() => RpcServer.Start("tls://127.0.0.1:0", new RpcServerOptions()));
        Assert.Throws<ArgumentException>(() => RpcServer.Start("tcp://127.0.0.1:0", new RpcServerOptions { Tls = new TlsServerOptions { Certificate = _authority.Issue() } }));
        Assert.Throws<ArgumentException>(() => RpcServer.Start("tcp://example.com:0", new RpcServerOptions()));
    }

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }
}

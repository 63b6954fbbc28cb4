using System.Net;
using Codomyrmex.Networking.Ssh.Protocol;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Ssh.Hostile;

/// <summary>What servers do with a forward that they were asked for.</summary>
public class ForwardTests
{
    private const byte GlobalRequest = 80;
    private const byte Granted = 81;
    private const byte Open = 90;
    private const byte Confirmed = 91;
    private const byte Refused = 92;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(4000)]
    [InlineData(0)]
    public async Task Connection_that_comes_right_behind_the_yes_is_taken(int port)
    {
        var answer = new TaskCompletionSource<byte>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            await peer.ReceiveAsync(GlobalRequest);
            // In one piece, so that nothing comes between them.
            await peer.SendRawAsync((byte[])[.. peer.Packet(port == 0 ? new WireWriter().Byte(Granted).UInt32(4000) : new WireWriter().Byte(Granted)), .. peer.Packet(Opening(4000, 1))]);
            answer.SetResult((await peer.ReceiveAsync())[0]);
        });
        await using var client = await server.ConnectAsync();
        await using var target = new Listening();
        await using var forward = await client.ForwardRemoteAsync("127.0.0.1", port, "127.0.0.1", target.Port, Token);
        await target.AcceptedAsync();
        Assert.Equal(Confirmed, await answer.Task.WaitAsync(TimeSpan.FromSeconds(20), Token));
    }

    [Fact]
    public async Task Port_that_a_server_chooses_twice_stays_the_first_forwards()
    {
        var answer = new TaskCompletionSource<byte>(TaskCreationOptions.RunContinuationsAsynchronously);
        var refused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            for (var i = 0; i < 2; i++)
            {
                await peer.ReceiveAsync(GlobalRequest);
                await peer.SendAsync(new WireWriter().Byte(Granted).UInt32(4000));
            }
            await refused.Task;
            await peer.SendAsync(Opening(4000, 1));
            answer.SetResult((await peer.ReceiveAsync())[0]);
        });
        await using var client = await server.ConnectAsync();
        await using var target = new Listening();
        await using var forward = await client.ForwardRemoteAsync("127.0.0.1", 0, "127.0.0.1", target.Port, Token);
        Assert.Equal(ErrorCodes.SshChannel, (await Assert.ThrowsAsync<SSHException>(() => client.ForwardRemoteAsync("127.0.0.1", 0, "127.0.0.1", target.Port, Token))).Code);
        refused.SetResult();
        await target.AcceptedAsync();
        Assert.Equal(Confirmed, await answer.Task.WaitAsync(TimeSpan.FromSeconds(20), Token));
    }

    [Fact, Trait("Cve", "51")]
    public async Task Connections_beyond_a_thousand_are_refused_and_the_others_live_on()
    {
        var answers = new TaskCompletionSource<(int Confirmed, int Refused)>();
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            await peer.ReceiveAsync(GlobalRequest);
            await peer.SendAsync(new WireWriter().Byte(Granted));
            for (uint i = 1; i <= 1100; i++)
                await peer.SendAsync(Opening(4000, i));
            var (confirmed, refused) = (0, 0);
            while (confirmed + refused < 1100)
            {
                var kind = (await peer.ReceiveAsync())[0];
                confirmed += kind == Confirmed ? 1 : 0;
                refused += kind == Refused ? 1 : 0;
            }
            answers.SetResult((confirmed, refused));
        });
        // Nobody learns where the target is, so none of them is over before the end.
        await using var client = await server.ConnectAsync(server.Options with { Transport = new() { Resolver = new() { Custom = new SilentResolver() } } });
        await using var forward = await client.ForwardRemoteAsync("127.0.0.1", 4000, "far.test", 9, Token);
        var (taken, left) = await answers.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Equal((1024, 76), (taken, left));
    }

    [Fact]
    public async Task Forward_that_was_given_up_is_taken_back_when_the_server_grants_it_late()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var givenUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var takenBack = new TaskCompletionSource<(string, string, uint)>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            await peer.ReceiveAsync(GlobalRequest);
            asked.SetResult();
            await givenUp.Task;
            await peer.SendAsync(new WireWriter().Byte(Granted).UInt32(4001));
            takenBack.SetResult(Read(await peer.ReceiveAsync(GlobalRequest)));
        });
        await using var client = await server.ConnectAsync();
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var forwarding = client.ForwardRemoteAsync("127.0.0.1", 0, "127.0.0.1", 9, cancel.Token);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => forwarding);
        givenUp.SetResult();
        Assert.Equal(("cancel-tcpip-forward", "127.0.0.1", 4001u), await takenBack.Task.WaitAsync(TimeSpan.FromSeconds(20), Token));
    }

    [Fact]
    public async Task Server_that_does_not_answer_is_given_up_and_disposing_does_not_throw()
    {
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            await peer.ReceiveAsync(GlobalRequest);
            await peer.SendAsync(new WireWriter().Byte(Granted));
            await peer.DrainAsync();
        });
        await using var client = await server.ConnectAsync(server.Options with { Timeouts = server.Options.Timeouts with { FirstByte = TimeSpan.FromSeconds(2) } });
        var forward = await client.ForwardRemoteAsync("127.0.0.1", 4000, "127.0.0.1", 9, Token);
        var late = await Assert.ThrowsAsync<NetworkTimeoutException>(() => client.ForwardRemoteAsync("127.0.0.1", 4001, "127.0.0.1", 9, Token));
        Assert.Equal(ErrorCodes.TimeoutFirstByte, late.Code);
        await forward.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    [Fact]
    public async Task Port_0_is_refused_to_who_asks_a_SOCKS_forward_for_it()
    {
        await using var server = HostileServer.StartAfterLogin(static peer => peer.DrainAsync());
        await using var client = await server.ConnectAsync();
        await using var forward = await client.ForwardDynamicAsync(new IPEndPoint(IPAddress.Loopback, 0), Token);
        using var caller = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        await caller.ConnectAsync(forward.ListensOn, Token);
        await using var stream = new System.Net.Sockets.NetworkStream(caller);
        await stream.WriteAsync(new byte[] { 5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, 0, 0 }, Token);
        var answer = new byte[12];
        await stream.ReadExactlyAsync(answer, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Equal(new byte[] { 5, 0, 5, 1 }, answer[..4]);
        Assert.Equal(0, await stream.ReadAsync(answer, Token));
    }

    private static WireWriter Opening(uint port, uint number) =>
        new WireWriter().Byte(Open).Text("forwarded-tcpip").UInt32(number).UInt32(1 << 20).UInt32(32768).Text("127.0.0.1").UInt32(port).Text("127.0.0.1").UInt32(50000);

    private static (string Request, string Address, uint Port) Read(byte[] payload)
    {
        var reader = new WireReader(payload.AsSpan(1));
        var request = reader.Text();
        _ = reader.Byte();
        return (request, reader.Text(), reader.UInt32());
    }

    private sealed class SilentResolver : IResolver
    {
        public async ValueTask<ResolvedAddresses> ResolveAsync(string host, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            throw new InvalidOperationException();
        }
    }

    private sealed class Listening : IAsyncDisposable
    {
        private readonly System.Net.Sockets.TcpListener _listener = new(IPAddress.Loopback, 0);

        public Listening() => _listener.Start();

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public async Task AcceptedAsync()
        {
            using var accepted = await _listener.AcceptSocketAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token);
        }

        public ValueTask DisposeAsync()
        {
            _listener.Stop();
            return default;
        }
    }
}

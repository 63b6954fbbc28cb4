using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Codomyrmex.Networking.Fleet;
using Codomyrmex.Networking.Fleet.Internal;
using Codomyrmex.Networking.Fleet.Internal.Agents;
using Codomyrmex.Networking.Rpc;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>Agents of a machine on its own: called by their names, by programs with certificates of their own.</summary>
public sealed class AgentTests : IDisposable
{
    private readonly ServerFolder _folder = new();
    private readonly TestCertificateAuthority _authority = new("fleet");
    private readonly SemaphoreSlim _begun = new(0);
    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<TimeSpan> _gaveUp = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static JsonTypeInfo<string> Text { get; } = (JsonTypeInfo<string>)JsonSerializerOptions.Web.GetTypeInfo(typeof(string));

    private static JsonTypeInfo<int> Number { get; } = (JsonTypeInfo<int>)JsonSerializerOptions.Web.GetTypeInfo(typeof(int));

    private FleetOptions Options => field ??= new FleetOptions { StatePath = _folder["state.db"], Name = "here", MachinePort = ServerProcess.FreePort(), GatewayPort = ServerProcess.FreePort(), Tls = Certificates("host") };

    private RpcServerOptions Server => field ??= new RpcServerOptions
    {
        Rpc = new RpcOptions
        {
            Methods = new RpcMethods()
                .Add("greet", Text, Text, static (name, call, _) => Task.FromResult($"{name}, you are {call.Peer.Certificate?.Subject ?? "nobody"}"))
                .Add("hold", Text, Text, async (text, _, stop) =>
                {
                    _begun.Release();
                    await _go.Task.WaitAsync(stop);
                    return text!;
                })
                .Add("wait", Text, Text, async (_, call, stop) =>
                {
                    _begun.Release();
                    var left = call.Deadline.Remaining;
                    await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    _gaveUp.TrySetResult(left);
                    stop.ThrowIfCancellationRequested();
                    return "";
                })
                .AddNotification("tell", Text, (text, _) =>
                {
                    _told.TrySetResult(text!);
                    return Task.CompletedTask;
                })
                .AddStream("count", Number, Number, static (most, _, stop) => CountAsync(most, stop)),
        },
    };

    public void Dispose()
    {
        _folder.Dispose();
        _authority.Dispose();
        _begun.Dispose();
    }

    [Fact]
    public async Task Agent_is_called_told_and_listened_to_by_its_name_and_knows_who_calls()
    {
        await using var node = await FleetNode.StartAsync(Options, Stop);
        await using var agent = await node.Client.ServeAgentAsync("greeter", Server, cancellationToken: Stop);
        await using var program = await ConnectAsync("friend");
        await using var greeter = program.GetAgent("greeter");
        Assert.Equal("Ada, you are CN=friend", await greeter.CallAsync("greet", "Ada", Text, Text, cancellationToken: Stop));
        Assert.Equal("Ada, you are CN=friend", await greeter.CallAsync<string>("greet", "Ada", cancellationToken: Stop));
        await greeter.NotifyAsync("tell", "news", Text, cancellationToken: Stop);
        Assert.Equal("news", await _told.Task.WaitAsync(Stop));
        Assert.Equal(Enumerable.Range(1, 200), await greeter.StreamAsync("count", 200, Number, Number, cancellationToken: Stop).ToListAsync(Stop));
        var shown = Assert.Single(await program.GetAgentsAsync(Stop));
        Assert.Equal(("greeter", true, "here", 1L), (shown.Name, shown.IsUp, shown.Machine, shown.Number));
        Assert.Equal(agent.Address, $"tls://{shown.Address}");
        var wrong = await Assert.ThrowsAsync<RpcException>(() => greeter.CallAsync<string>("sing", cancellationToken: Stop));
        Assert.Equal((ErrorCodes.RpcNoMethod, WasSent.Yes, false), (wrong.Code, wrong.WasSent, wrong.IsTransient));
    }

    [Fact]
    public async Task Agent_that_comes_back_after_it_was_taken_from_the_list_is_in_it_again()
    {
        var timing = new FleetTiming { NameLease = TimeSpan.FromMilliseconds(200), Margin = TimeSpan.FromMilliseconds(50) };
        await using var node = await FleetNode.StartAsync(Options with { Timing = timing }, Stop);
        var (name, list) = (node.Grains.GetGrain<IAgentGrain>("greeter"), node.Grains.GetGrain<IAgentListGrain>(0));
        var claim = new AgentClaim { Holder = "run", Machine = "here", Address = "127.0.0.1:1", Pin = "" };
        Assert.Equal(1, (await name.ClaimAsync(claim)).Number);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await name.FindAsync())!.IsHeld)
            await timer.WaitForNextTickAsync(Stop);
        // As after a day.
        await list.RemoveAsync("greeter");
        Assert.Equal(1, (await name.ClaimAsync(claim)).Number);
        Assert.Equal(["greeter"], await list.NamesAsync());
    }

    [Fact]
    public async Task Sample_of_the_documents_does_what_it_shows()
    {
        await using var node = await FleetNode.StartAsync(Options, Stop);
        await using var program = await ConnectAsync("friend");
        await using var output = new StringWriter();
        await Samples.FleetAgents.RunAsync(node, program, output, Stop);
        Assert.Equal(["3 words", "four", "five", ""], output.ToString().Split('\n'));
    }

    [Fact]
    public async Task Agent_written_for_a_server_of_its_own_is_served_unchanged_and_agents_of_a_program_are_found()
    {
        await using var server = RpcServer.Start("tcp://127.0.0.1:0", Server);
        await using var connection = await RpcConnection.ConnectAsync(server.Address, cancellationToken: Stop);
        await using var node = await FleetNode.StartAsync(Options with { Tls = null }, Stop);
        await using var program = await FleetClient.ConnectAsync(new FleetClientOptions { Gateway = new IPEndPoint(IPAddress.Loopback, Options.GatewayPort) }, Stop);
        await using var agent = await program.ServeAgentAsync("greeter", Server, cancellationToken: Stop);
        await using var greeter = node.Client.GetAgent("greeter");
        Assert.Equal(await connection.CallAsync("greet", "Bo", Text, Text, Stop), await greeter.CallAsync("greet", "Bo", Text, Text, cancellationToken: Stop));
    }

    [Fact]
    public async Task Name_that_another_agent_has_is_refused_or_waited_for_and_calls_follow_it()
    {
        await using var node = await FleetNode.StartAsync(Options, Stop);
        await using var first = await node.Client.ServeAgentAsync("holder", Server, cancellationToken: Stop);
        var taken = await Assert.ThrowsAsync<NetworkException>(() => node.Client.ServeAgentAsync("holder", Server, new FleetAgentOptions { ClaimTimeout = TimeSpan.Zero }, Stop));
        Assert.Equal((ErrorCodes.FleetAgentTaken, true), (taken.Code, taken.IsTransient));
        Assert.Contains("machine 'here'", taken.Message);
        var waiting = node.Client.ServeAgentAsync("holder", Server, new FleetAgentOptions { ClaimTimeout = Timeout.InfiniteTimeSpan }, Stop);
        await using var holder = node.Client.GetAgent("holder");
        var call = holder.CallAsync("hold", "x", Text, Text, cancellationToken: Stop);
        await _begun.WaitAsync(Stop);
        Assert.Equal((1, true, false), (first.Number, first.IsUp, waiting.IsCompleted));
        // What is under way is answered; whoever calls meanwhile learns that it was not served.
        var stopping = first.StopAsync(TimeSpan.FromSeconds(20), Stop);
        // Until it has begun to stop it serves, then it says so, then nobody listens.
        NetworkException? refused;
        do
            refused = await Record.ExceptionAsync(() => holder.CallAsync("greet", "x", Text, Text, cancellationToken: Stop)) as NetworkException;
        while (refused is null or { Code: ErrorCodes.RpcStopping });
        Assert.Equal((WasSent.Never, true), (refused.WasSent, refused.IsTransient));
        Assert.False(waiting.IsCompleted);
        _go.SetResult();
        Assert.Equal("x", await call);
        Assert.Equal(0, await stopping);
        Assert.Equal((0, false), (first.Number, first.IsUp));
        await using var second = await waiting;
        Assert.Equal(2, second.Number);
        Assert.StartsWith("y,", await holder.CallAsync("greet", "y", Text, Text, cancellationToken: Stop));
    }

    [Fact]
    public async Task Deadline_of_a_call_is_the_agents_too_and_nothing_is_sent_after_it()
    {
        await using var node = await FleetNode.StartAsync(Options, Stop);
        await using var agent = await node.Client.ServeAgentAsync("slow", Server, cancellationToken: Stop);
        await using var slow = node.Client.GetAgent("slow");
        // It is found and reached before the time begins, which is short.
        await slow.CallAsync("greet", "x", Text, Text, cancellationToken: Stop);
        var soon = new RpcCallOptions { Deadline = Deadline.After(TimeSpan.FromMilliseconds(500)) };
        var late = await Assert.ThrowsAsync<NetworkTimeoutException>(() => slow.CallAsync("wait", "x", Text, Text, soon, Stop));
        Assert.Equal((ErrorCodes.TimeoutTotal, WasSent.Yes), (late.Code, late.WasSent));
        // Its method was told how long it had, and ended: at its own deadline, or as it was told, whichever came first.
        Assert.InRange(await _gaveUp.Task.WaitAsync(Stop), TimeSpan.Zero, TimeSpan.FromMilliseconds(501));
        late = await Assert.ThrowsAsync<NetworkTimeoutException>(() => slow.CallAsync("greet", "x", Text, Text, soon, Stop));
        Assert.Equal(WasSent.Never, late.WasSent);
    }

    [Fact]
    public async Task Call_to_nobody_fails_at_once_and_was_not_sent()
    {
        await using var node = await FleetNode.StartAsync(Options, Stop);
        await using var nobody = node.Client.GetAgent("nobody");
        var none = await Assert.ThrowsAsync<NetworkException>(() => nobody.CallAsync<string>("greet", cancellationToken: Stop));
        Assert.Equal((ErrorCodes.FleetNoAgent, WasSent.Never, true), (none.Code, none.WasSent, none.IsTransient));
        Assert.Empty(await node.Client.GetAgentsAsync(Stop));
    }

    [Fact]
    public async Task Machine_that_stops_gives_the_names_of_its_agents_back()
    {
        await using (var node = await FleetNode.StartAsync(Options, Stop))
            await node.Client.ServeAgentAsync("guest", Server, cancellationToken: Stop);
        await using var again = await FleetNode.StartAsync(Options, Stop);
        await using var guest = await again.Client.ServeAgentAsync("guest", Server, new FleetAgentOptions { ClaimTimeout = TimeSpan.Zero }, Stop);
        Assert.Equal(2, guest.Number);
    }

    [Fact]
    public async Task Strangers_reach_no_agent_and_nobody_takes_the_place_of_one()
    {
        await using var node = await FleetNode.StartAsync(Options, Stop);
        await using var agent = await node.Client.ServeAgentAsync("greeter", Server, cancellationToken: Stop);
        using var other = new TestCertificateAuthority("other");
        var tls = new TlsOptions { TrustedRoots = [_authority.Root], ClientCertificate = other.Issue(TestCertificateOptions.ForClient("stranger")) };
        var transport = TransportOptions.Default with { Tls = tls };
        await Assert.ThrowsAnyAsync<NetworkException>(async () =>
        {
            await using var stranger = await RpcConnection.ConnectAsync(agent.Address, new RpcConnectOptions { Transport = transport }, Stop);
            await stranger.CallAsync("greet", "x", Text, Text, Stop);
        });
        // Another machine's key at that address: of the fleet, but not the one whose name it is.
        var claim = new AgentClaim { Holder = "h", Machine = "elsewhere", Address = AgentAddress.Shorten(agent.Address), Pin = Convert.ToBase64String(new byte[32]) };
        await node.Grains.GetGrain<IAgentGrain>("impostor").ClaimAsync(claim);
        await using var impostor = node.Client.GetAgent("impostor");
        Assert.Equal(ErrorCodes.TlsPin, (await Assert.ThrowsAsync<SSLException>(() => impostor.CallAsync("greet", "x", Text, Text, cancellationToken: Stop))).Code);
        // One without a key, one with what is none, and one that is nowhere.
        foreach (var (name, wrong) in new Dictionary<string, AgentClaim> { ["keyless"] = claim with { Pin = "" }, ["miskeyed"] = claim with { Pin = "x" }, ["misplaced"] = claim with { Address = "somewhere" } })
        {
            await node.Grains.GetGrain<IAgentGrain>(name).ClaimAsync(wrong);
            await using var none = node.Client.GetAgent(name);
            Assert.Contains("cannot be trusted", (await Assert.ThrowsAsync<NetworkException>(() => none.CallAsync("greet", "x", Text, Text, cancellationToken: Stop))).Message);
        }
        // Where an agent is, the caller's policy has a say.
        await using var denied = node.Client.GetAgent("greeter", new RpcConnectOptions { Transport = TransportOptions.Default with { Policy = EgressPolicy.Unrestricted.Denying("127.0.0.1") } });
        await Assert.ThrowsAsync<PolicyException>(() => denied.CallAsync("greet", "x", Text, Text, cancellationToken: Stop));
    }

    [Fact]
    public async Task Wrong_names_and_settings_are_wrong_arguments()
    {
        await using var node = await FleetNode.StartAsync(Options with { Tls = null }, Stop);
        foreach (var name in (string[])["", "a b", "a/b", "ä", new string('x', 101)])
        {
            Assert.ThrowsAny<ArgumentException>(() => node.Client.GetAgent(name));
            await Assert.ThrowsAnyAsync<ArgumentException>(() => node.Client.ServeAgentAsync(name, Server, cancellationToken: Stop));
        }
        var own = TransportOptions.Default with { Tls = new TlsOptions { ServerName = "x" } };
        Assert.Contains("Transport.Tls", Assert.Throws<ArgumentException>(() => node.Client.GetAgent("x", new RpcConnectOptions { Transport = own })).Message);
        Assert.Contains("RpcServerOptions.Tls", (await Assert.ThrowsAsync<ArgumentException>(() => node.Client.ServeAgentAsync("x", Server with { Tls = new TlsServerOptions { Certificate = _authority.Issue() } }, cancellationToken: Stop))).Message);
        Assert.Contains("mutual TLS", (await Assert.ThrowsAsync<ArgumentException>(() => node.Client.ServeAgentAsync("x", Server, new FleetAgentOptions { Address = IPAddress.Parse("192.0.2.1") }, Stop))).Message);
    }

    private Task<FleetClient> ConnectAsync(string name) =>
        FleetClient.ConnectAsync(new FleetClientOptions { Gateway = new IPEndPoint(IPAddress.Loopback, Options.GatewayPort), Tls = Certificates(name) }, Stop);

    private FleetTls Certificates(string name)
    {
        using var certificate = _authority.Issue(new TestCertificateOptions { CommonName = name, ClientAuthentication = true });
        var tls = new FleetTls { AuthorityPath = _folder["ca.pem"], CertificatePath = _folder[name + ".pem"], KeyPath = _folder[name + ".key"] };
        _authority.WriteRootPem(tls.AuthorityPath);
        _authority.WritePem(certificate, tls.CertificatePath, tls.KeyPath);
        return tls;
    }

    private static async IAsyncEnumerable<int> CountAsync(int most, [EnumeratorCancellation] CancellationToken stop)
    {
        for (var i = 1; i <= most; i++)
        {
            stop.ThrowIfCancellationRequested();
            await Task.Yield();
            yield return i;
        }
    }
}

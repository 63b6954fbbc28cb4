using System.Net;
using System.Text.Json;
using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Fleet;
using Codomyrmex.Networking.Fleet.Cli.Commands;
using Codomyrmex.Networking.Fleet.Internal.Campaigns;
using Codomyrmex.Networking.Fleet.Internal.Hosting;
using Codomyrmex.Networking.Fleet.Internal.Planning;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Fleet.Fixtures;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>A machine on its own, with its state in a file.</summary>
public sealed class SingleSiloTests : IDisposable
{
    private readonly ServerFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private FleetOptions Options => field ??= new FleetOptions { StatePath = _folder["state.db"], MachinePort = ServerProcess.FreePort(), GatewayPort = ServerProcess.FreePort() };

    [Fact]
    public async Task Campaign_finds_what_a_scan_finds_and_is_there_when_the_machine_starts_again()
    {
        await using var lab = await ScanLab.StartAsync();
        await lab.AnswerForNetworkAsync();
        await lab.ListenAsync("22,80,443");
        var targets = ScanTargets.Parse(lab.Network).Excluding(lab.Address[..^1] + "0", lab.Address[..^1] + "1", lab.Address[..^1] + "255");
        var ports = PortSet.Parse("1-40,80,443");
        string id;
        string[] found;
        await using (var node = await FleetNode.StartAsync(Options, Stop))
        {
            id = await node.Client.StartAsync(new CampaignPlan { Targets = targets, Ports = ports, ProbesPerSecond = PortScannerOptions.Unlimited }, Stop);
            found = await FindingsAsync(node.Client, id, follow: true);
        }
        var scan = await new PortScanner(new PortScannerOptions { ProbesPerSecond = PortScannerOptions.Unlimited }).ScanAsync(new ScanPlan { Targets = targets, Ports = ports }, Stop);
        Assert.Equal(252 * 3, found.Length);
        Assert.Equal(scan.Results.Select(Name).Order(StringComparer.Ordinal), found);
        await using var again = await FleetNode.StartAsync(Options, Stop);
        var status = await again.Client.GetCampaignAsync(id, Stop);
        Assert.Equal((CampaignState.Completed, status.Cells, 252L * 3), (status.State, status.CellsDone, status.Open));
        Assert.Equal(found, await FindingsAsync(again.Client, id, follow: false));
    }

    [Fact]
    public async Task Campaign_that_is_paused_sends_nothing_and_goes_on_where_it_was()
    {
        await using var open = ScriptedServer.Start((connection, stop) => connection.StallAsync(stop));
        await using var node = await FleetNode.StartAsync(Options, Stop);
        var id = await node.Client.StartAsync(new CampaignPlan { Targets = "127.0.0.1", Ports = PortSet.All, ProbesPerSecond = 20_000 }, Stop);
        await UntilAsync(node, id, static status => status.CellsDone > 10_000);
        await node.Client.PauseAsync(id, Stop);
        await UntilAsync(node, id, static status => status.Machines.All(static machine => machine is { Allowed: 0, Shards: 0, ProbesPerSecond: 0 }));
        var paused = await node.Client.GetCampaignAsync(id, Stop);
        Assert.InRange(paused.CellsDone, 10_000, 60_000);
        await node.Client.ResumeAsync(id, Stop);
        Assert.Contains($"127.0.0.1:{open.Port}", await FindingsAsync(node.Client, id, follow: true));
        var done = await node.Client.GetCampaignAsync(id, Stop);
        // What was under way when it was paused is asked again; canaries are asked besides.
        Assert.InRange(done.Probes, 65_535, 70_000);
        Assert.Equal(ErrorCodes.FleetNoCampaign, (await Assert.ThrowsAsync<NetworkException>(() => node.Client.PauseAsync(id, Stop))).Code);
    }

    [Fact]
    public async Task Other_plan_asks_what_is_new_and_each_port_is_found_once()
    {
        await using var one = ScriptedServer.Start((connection, stop) => connection.StallAsync(stop));
        await using var two = ScriptedServer.Start((connection, stop) => connection.StallAsync(stop));
        await using var node = await FleetNode.StartAsync(Options, Stop);
        var plan = new CampaignPlan { Targets = "127.0.0.1", Ports = PortSet.Of(one.Port, 1, 2) };
        var id = await node.Client.StartAsync(plan, Stop);
        Assert.Equal([$"127.0.0.1:{one.Port}"], await FindingsAsync(node.Client, id, follow: true));
        var before = await node.Client.GetCampaignAsync(id, Stop);
        await node.Client.ReplanAsync(id, plan with { Ports = PortSet.Of(one.Port, two.Port, 3) }, Stop);
        Assert.Equal(((string[])[$"127.0.0.1:{one.Port}", $"127.0.0.1:{two.Port}"]).Order(StringComparer.Ordinal), await FindingsAsync(node.Client, id, follow: true));
        var after = await node.Client.GetCampaignAsync(id, Stop);
        Assert.Equal((1, 2, 5L), (before.PlanVersion, after.PlanVersion, after.CellsDone));
        Assert.Equal(2, after.Probes - before.Probes);
        // Who asks again, since no answer came, does not make another plan of it; and who has read from another activation of the grain is told of all there is.
        var campaign = node.Grains.GetGrain<ICampaignGrain>(id);
        var text = PlanWriter.Write(plan with { Ports = PortSet.Of(one.Port) });
        Assert.Equal((new PlanReply(), new PlanReply()), (await campaign.PlanAsync(text, "again", mustBeNew: false), await campaign.PlanAsync(text, "again", mustBeNew: false)));
        Assert.Equal(3, (await node.Client.GetCampaignAsync(id, Stop)).PlanVersion);
        Assert.Equal(2, (await campaign.FindingsAsync(long.MaxValue))!.Lists.Sum(static list => list.Count));
    }

    [Fact]
    public async Task Names_of_another_plan_are_looked_up_once_and_the_campaign_goes_on_meanwhile()
    {
        var names = new SlowNames();
        await using var node = await FleetNode.StartAsync(Options with { Resolver = ResolverOptions.Default with { Custom = names } }, Stop);
        var plan = new CampaignPlan { Targets = "127.0.0.1", Ports = PortSet.All, ProbesPerSecond = 3000 };
        var id = await node.Client.StartAsync(plan, Stop);
        var replan = node.Client.ReplanAsync(id, plan with { Targets = ScanTargets.Parse("127.0.0.1", "slow.test") }, Stop);
        await names.Asked.WaitAsync(Stop);
        var before = await node.Client.GetCampaignAsync(id, Stop);
        // For longer than a lease is.
        await UntilAsync(node, id, status => status.CellsDone > before.CellsDone + 15_000);
        Assert.False(replan.IsCompleted);
        Assert.Equal((1, 65_535L), (before.PlanVersion, before.Cells));
        names.Answer.SetResult();
        await replan;
        var after = await node.Client.GetCampaignAsync(id, Stop);
        Assert.Equal((2, 2 * 65_535L, 1), (after.PlanVersion, after.Cells, names.Count));
        await node.Client.CancelAsync(id, Stop);
        // What is refused is refused when its names are known.
        names.Fails = true;
        Assert.Equal(ErrorCodes.DnsNotFound, (await Assert.ThrowsAnyAsync<NetworkException>(() => node.Client.ReplanAsync(id, plan with { Targets = ScanTargets.Parse("other.test") }, Stop))).Code);
    }

    [Fact]
    public async Task Campaign_whose_end_could_not_be_told_is_not_asked_about_forever()
    {
        FailingStorage disk = null!;
        await using var node = await FleetNode.StartAsync(Options with { Storage = storage => disk = new FailingStorage(storage) }, Stop);
        var id = await node.Client.StartAsync(new CampaignPlan { Targets = "127.0.0.1", Ports = PortSet.Parse("1-1000"), ProbesPerSecond = 1000 }, Stop);
        disk.Fails = "fleet";
        await UntilAsync(node, id, static status => status.State == CampaignState.Completed);
        disk.Fails = null;
        var machine = new MachineReport { Machine = "test", Name = "test" };
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while ((await node.Grains.GetGrain<IFleetGrain>(0).PollAsync(machine)).Length > 0)
            await timer.WaitForNextTickAsync(patience.Token);
    }

    [Fact]
    public async Task What_one_plan_leaves_out_and_a_later_one_asks_for_is_asked()
    {
        await using var server = ScriptedServer.Start((connection, stop) => connection.StallAsync(stop));
        await using var node = await FleetNode.StartAsync(Options, Stop);
        var wide = new CampaignPlan { Targets = "127.0.0.1-200", Ports = PortSet.Of(server.Port, 1), ProbesPerSecond = 20 };
        var id = await node.Client.StartAsync(wide, Stop);
        await UntilAsync(node, id, static status => status.CellsDone > 5);
        await node.Client.ReplanAsync(id, wide with { Targets = "127.0.0.1", ProbesPerSecond = 1000 }, Stop);
        await UntilAsync(node, id, static status => status.State == CampaignState.Completed);
        var narrow = await node.Client.GetCampaignAsync(id, Stop);
        Assert.InRange(narrow.CellsDone, 6, 200);
        await node.Client.ReplanAsync(id, wide with { ProbesPerSecond = 1000 }, Stop);
        await UntilAsync(node, id, static status => status.State == CampaignState.Completed);
        var done = await node.Client.GetCampaignAsync(id, Stop);
        Assert.Equal((400L, 400L, 1L, 399L), (done.Cells, done.CellsDone, done.Open, done.Closed));
    }

    [Fact]
    public async Task Plan_that_could_not_be_written_leaves_nothing_behind()
    {
        FailingStorage disk = null!;
        await using var server = ScriptedServer.Start((connection, stop) => connection.StallAsync(stop));
        await using var node = await FleetNode.StartAsync(Options with { Storage = storage => disk = new FailingStorage(storage) }, Stop);
        var id = await node.Client.StartAsync(new CampaignPlan { Targets = "127.0.0.1", Ports = PortSet.Of(1) }, Stop);
        await UntilAsync(node, id, static status => status.State == CampaignState.Completed);
        disk.Fails = "campaign";
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => node.Client.ReplanAsync(id, new CampaignPlan { Targets = "127.0.0.1-8", Ports = PortSet.Parse("1-2000") }, patience.Token));
        disk.Fails = null;
        // It is cut in another way: what was meant to be is forgotten.
        await node.Client.ReplanAsync(id, new CampaignPlan { Targets = "127.0.0.1-8", Ports = PortSet.Of(server.Port) }, Stop);
        Assert.Equal([$"127.0.0.1:{server.Port}"], await FindingsAsync(node.Client, id, follow: true));
        var done = await node.Client.GetCampaignAsync(id, Stop);
        Assert.Equal((9L, 9L, 3), (done.Cells, done.CellsDone, done.Shards));
    }

    [Fact]
    public async Task Campaign_that_is_cancelled_keeps_what_it_found()
    {
        string id;
        CampaignStatus status;
        await using (var node = await FleetNode.StartAsync(Options, Stop))
        {
            id = await node.Client.StartAsync(new CampaignPlan { Targets = "127.0.0.1", Ports = PortSet.All, ProbesPerSecond = 5_000 }, Stop);
            await UntilAsync(node, id, static status => status.CellsDone > 3_000);
            await node.Client.CancelAsync(id, Stop);
            status = await node.Client.GetCampaignAsync(id, Stop);
            Assert.Equal(CampaignState.Cancelled, status.State);
            Assert.InRange(status.CellsDone, 3_000, 60_000);
            Assert.Equal(status.Open, (await FindingsAsync(node.Client, id, follow: false)).Length);
        }
        await using var again = await FleetNode.StartAsync(Options, Stop);
        var kept = await again.Client.GetCampaignAsync(id, Stop);
        // The last that was found is told when the machines have stopped.
        Assert.InRange(kept.CellsDone, status.CellsDone, 60_000);
        Assert.Equal(kept.Open, (await FindingsAsync(again.Client, id, follow: false)).Length);
    }

    [Fact]
    public async Task Scope_policy_and_operator_must_all_allow_a_target()
    {
        await using var server = ScriptedServer.Start((connection, stop) => connection.StallAsync(stop));
        await using var node = await FleetNode.StartAsync(Options with { Policy = EgressPolicy.Unrestricted.Denying("127.0.0.3") }, Stop);
        var plan = new CampaignPlan
        {
            Targets = "127.0.0.1-4",
            Ports = PortSet.Of(server.Port),
            Scope = ScanScope.Of("127.0.0.0/30"),
            Policy = EgressPolicy.Unrestricted.Denying("127.0.0.2"),
        };
        var id = await node.Client.StartAsync(plan, Stop);
        Assert.Equal([$"127.0.0.1:{server.Port}"], await FindingsAsync(node.Client, id, follow: true));
        Assert.Equal(1, (await node.Client.GetCampaignAsync(id, Stop)).Probes);
        var refused = await Assert.ThrowsAsync<PolicyException>(() => node.Client.StartAsync(new CampaignPlan { Targets = "8.8.8.0/24", Ports = PortSet.Of(53) }, Stop));
        Assert.Contains("need a scope", refused.Message);
    }

    [Fact]
    public async Task Open_ports_are_asked_what_listens_there_and_the_answers_are_kept()
    {
        await using var ssh = ScriptedServer.Start(async (connection, stop) =>
        {
            await connection.SendAsync("SSH-2.0-OpenSSH_9.2p1 \u00e9\u001b[31m\r\n", stop);
            await connection.StallAsync(stop);
        });
        using var authority = new TestCertificateAuthority("anybody");
        await using var tls = TCPServer.Start(static (connection, stop) => Task.Delay(Timeout.Infinite, stop), new TCPServerOptions { EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)], Tls = new TlsServerOptions { Certificate = authority.Issue() } });
        string id;
        await using (var node = await FleetNode.StartAsync(Options, Stop))
        {
            using var output = new MemoryStream();
            var context = new CommandContext { Out = output, Error = Stream.Null, OpenInput = static () => Stream.Null, Interrupted = Stop };
            Assert.Equal(0, await Application.RunAsync(
                ["scan", "127.0.0.1", "-p", $"1,{ssh.Port},{tls.Port}", "--banner", "--tls", "--json", "--gateway", $"127.0.0.1:{Options.GatewayPort}"], context, FleetCommands.All));
            var lines = System.Text.Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonElement.Parse(line)).ToArray();
            var found = lines[..^1].ToDictionary(static line => line.GetProperty("port").GetInt32());
            Assert.Equal(("ssh", "OpenSSH", "9.2p1", "probe"), (Of("service"), Of("product"), Of("version"), Of("serviceFrom")));
            Assert.StartsWith("SSH-2.0-OpenSSH_9.2p1", Of("banner"));
            Assert.Equal("TLS 1.3", found[tls.Port].GetProperty("tls").GetProperty("protocol").GetString());
            id = lines[^1].GetProperty("summary").GetProperty("id").GetString()!;

            string? Of(string name) => found[ssh.Port].GetProperty(name).GetString();
        }
        await using var again = await FleetNode.StartAsync(Options, Stop);
        var kept = await again.Client.FindingsAsync(id, cancellationToken: Stop).ToDictionaryAsync(static finding => finding.Port, cancellationToken: Stop);
        Assert.Equal("OpenSSH", kept[ssh.Port].Service?.Product);
        Assert.Contains("CN=localhost", kept[tls.Port].Service?.Tls?.Chain[0].Subject);
    }

    [Fact]
    public async Task Machine_without_its_PostgreSQL_says_so_and_shows_no_secret()
    {
        var options = new FleetOptions { Postgres = $"Host=127.0.0.1;Port={ServerProcess.FreePort()};Username=fleet;Password=hush-hush", MachinePort = ServerProcess.FreePort(), GatewayPort = ServerProcess.FreePort() };
        Assert.DoesNotContain("hush", options.ToString());
        var error = await Assert.ThrowsAsync<NetworkException>(() => FleetNode.StartAsync(options, Stop));
        Assert.Equal(ErrorCodes.FleetUnreachable, error.Code);
        Assert.DoesNotContain("hush", error.ToString());
        Assert.Contains("PostgreSQL", error.Hint);
    }

    [Fact]
    public async Task Machines_beyond_the_loopback_address_need_mutual_TLS()
    {
        var error = await Assert.ThrowsAsync<ArgumentException>(() => FleetNode.StartAsync(Options with { Address = IPAddress.Parse("192.0.2.1") }, Stop));
        Assert.Contains("mutual TLS", error.Message);
        error = await Assert.ThrowsAsync<ArgumentException>(() => FleetClient.ConnectAsync(new FleetClientOptions { Gateway = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 30000) }, Stop));
        Assert.Contains("mutual TLS", error.Message);
    }

    [Fact]
    public async Task Without_certificates_nobody_is_spoken_to_beyond_this_computer()
    {
        var spoken = new List<EndPoint?>();
        var builder = new ConnectionBuilder(new ServiceCollection().BuildServiceProvider());
        OwnMachine.Demand(builder);
        builder.Run(connection =>
        {
            spoken.Add(connection.RemoteEndPoint);
            return Task.CompletedTask;
        });
        var connect = builder.Build();
        await connect(new DefaultConnectionContext { RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 11111) });
        foreach (var place in (string[])["10.0.0.5:11111", "[2001:db8::1]:30000"])
            await Assert.ThrowsAsync<ConnectionAbortedException>(() => connect(new DefaultConnectionContext { RemoteEndPoint = IPEndPoint.Parse(place) }));
        Assert.Equal([new IPEndPoint(IPAddress.Loopback, 11111)], spoken);
    }

    [Fact]
    public async Task What_was_disposed_of_says_so_at_once_and_may_be_disposed_of_again()
    {
        var node = await FleetNode.StartAsync(Options, Stop);
        var program = await FleetClient.ConnectAsync(new FleetClientOptions { Gateway = new IPEndPoint(IPAddress.Loopback, Options.GatewayPort) }, Stop);
        foreach (var (one, fleet) in (((IAsyncDisposable, FleetClient)[])[(program, program), (node, node.Client)]))
        {
            await one.DisposeAsync();
            await Assert.ThrowsAsync<ObjectDisposedException>(() => fleet.GetStatusAsync(Stop).WaitAsync(TimeSpan.FromSeconds(5), Stop));
            await one.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("127.0.0.1:6379,password=hush,hush=x")]
    [InlineData("password=hush")]
    public void Settings_of_Redis_that_make_no_sense_are_refused_and_not_shown(string redis)
    {
        foreach (var error in (Exception[])[Assert.Throws<ArgumentException>(new FleetOptions { Redis = redis }.Validate), Assert.Throws<ArgumentException>(new FleetClientOptions { Redis = redis }.Validate)])
        {
            Assert.Contains("StackExchange.Redis", error.Message);
            Assert.DoesNotContain("hush", error.ToString());
        }
    }

    [Fact]
    public async Task Program_without_a_certificate_of_the_fleets_authority_is_refused()
    {
        using var authority = new TestCertificateAuthority("fleet");
        using var stranger = new TestCertificateAuthority("fleet");
        await using var node = await FleetNode.StartAsync(Options with { Tls = Certificates(authority, "own") }, Stop);
        var gateway = new FleetClientOptions { Gateway = new IPEndPoint(IPAddress.Loopback, Options.GatewayPort), Timeout = TimeSpan.FromSeconds(5) };
        await using (var friend = await FleetClient.ConnectAsync(gateway with { Tls = Certificates(authority, "friend") }, Stop))
            Assert.Single((await friend.GetStatusAsync(Stop)).Machines);
        foreach (var tls in (FleetTls?[])[null, Certificates(stranger, "stranger") with { AuthorityPath = Certificates(authority, "root").AuthorityPath }])
            Assert.Equal(ErrorCodes.FleetUnreachable, (await Assert.ThrowsAsync<NetworkException>(() => FleetClient.ConnectAsync(gateway with { Tls = tls }, Stop))).Code);
    }

    [Fact]
    public async Task Page_shows_campaigns_in_a_browser_and_nothing_to_other_sites()
    {
        await using var server = ScriptedServer.Start((connection, stop) => connection.StallAsync(stop));
        var page = new IPEndPoint(IPAddress.Loopback, ServerProcess.FreePort());
        await using var node = await FleetNode.StartAsync(Options with { Page = page, Name = "here" }, Stop);
        var id = await node.Client.StartAsync(new CampaignPlan { Targets = "127.0.0.1", Ports = PortSet.Of(server.Port, 1), Name = "a <b>name</b>\u001b[31m" }, Stop);
        await FindingsAsync(node.Client, id, follow: true);
        await using var ring = SiteRing.Start(sites: 2, pages: 3);
        var crawl = new CrawlPlan { Seeds = [ring.Url(0, 0), ring.Url(1, 0)], Policy = EgressPolicy.Unrestricted, Politeness = Codomyrmex.Networking.Crawling.Politeness.Off };
        var crawlId = await node.Client.StartAsync(crawl, Stop);
        Assert.Equal(6, await node.Client.PagesAsync(crawlId, follow: true, Stop).CountAsync(Stop));
        // It asks for what it shows after it was loaded; time goes fast for it while it has nothing else to do.
        var shown = await ShownAsync($"http://{page}/#{id}");
        Assert.Contains("<td>here</td>", shown);
        Assert.Contains($"a &lt;b&gt;name&lt;/b&gt;\\u001b[31m · {id}", shown);
        Assert.Contains("<b>100 %</b><span>2 of 2 ports</span>", shown);
        Assert.Contains($"<h2>{crawlId}<span class=\"chip completed\">completed</span></h2>", shown);
        Assert.Contains("<b>6</b><span>pages</span>", shown);
        Assert.Contains("<b>2</b><span>of 2 hosts done</span>", shown);
        Assert.Contains($"<td>127.0.0.1</td><td>127.0.0.1</td><td class=\"num\">{server.Port}</td>", shown);
        var rebound = ResolverOptions.Default with { Hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { ["evil.test"] = [IPAddress.Loopback] } };
        await using var browser = HTTPClient.Create(HTTPClientOptions.Default with { Transport = TransportOptions.Default with { Resolver = rebound } });
        var status = (await browser.GetAsync($"http://{page}/status.json", cancellationToken: Stop)).Json();
        Assert.Equal("completed", status.GetProperty("campaigns")[0].GetProperty("state").GetString());
        var dashboard = await browser.GetAsync($"http://{page}/dashboard/", cancellationToken: Stop);
        Assert.Equal(200, dashboard.Status);
        Assert.Contains("script-src 'self';", dashboard.Headers["Content-Security-Policy"]);
        Assert.Contains("Total Activations", await ShownAsync($"http://{page}/dashboard/"));
        Assert.Equal(421, (await browser.GetAsync($"http://evil.test:{page.Port}/status.json", cancellationToken: Stop)).Status);
        Assert.Equal(405, (await browser.PostAsync($"http://{page}/status.json", cancellationToken: Stop)).Status);
        // What another site has a browser ask for costs no work, and a link leads to the page alone; what the machine logs is not shown.
        Assert.Equal((403, 403, 403, 200), (await OfAsync("/status.json", "no-cors"), await OfAsync("/dashboard/GrainTypes", "navigate"), await OfAsync("/", "no-cors"), await OfAsync("/", "navigate")));
        Assert.Contains("Trace Endpoint Disabled", (await browser.GetAsync($"http://{page}/dashboard/Trace", cancellationToken: Stop)).Text);

        Task<string> ShownAsync(string url) => ToolRun.RunAsync("", "/usr/bin/chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
            "--virtual-time-budget=3000", $"--user-data-dir={_folder["profile"]}", "--dump-dom", url);

        async Task<int> OfAsync(string path, string mode) =>
            (await browser.GetAsync($"http://{page}{path}", new RequestOptions { Headers = new HeaderMap { ["Sec-Fetch-Site"] = "cross-site", ["Sec-Fetch-Mode"] = mode } }, Stop)).Status;
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Names that are there when the test says so.</summary>
    private sealed class SlowNames : IResolver
    {
        private int _count;

        public SemaphoreSlim Asked { get; } = new(0);

        public TaskCompletionSource Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Count => Volatile.Read(ref _count);

        public bool Fails { get; set; }

        public async ValueTask<ResolvedAddresses> ResolveAsync(string host, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _count);
            Asked.Release();
            await Answer.Task.WaitAsync(cancellationToken);
            return Fails ? throw new DNSResolutionException(new NetworkFailure { Code = ErrorCodes.DnsNotFound, Message = "no", Phase = NetworkPhase.Resolve }) : new ResolvedAddresses([IPAddress.Parse("127.0.0.7")]);
        }
    }

    private FleetTls Certificates(TestCertificateAuthority authority, string name)
    {
        using var certificate = authority.Issue(new TestCertificateOptions { ClientAuthentication = true });
        var tls = new FleetTls { AuthorityPath = _folder[name + ".ca"], CertificatePath = _folder[name + ".pem"], KeyPath = _folder[name + ".key"] };
        authority.WriteRootPem(tls.AuthorityPath);
        authority.WritePem(certificate, tls.CertificatePath, tls.KeyPath);
        return tls;
    }

    private static async Task UntilAsync(FleetNode node, string id, Func<CampaignStatus, bool> isSo)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!isSo(await node.Client.GetCampaignAsync(id, Stop)))
            await timer.WaitForNextTickAsync(Stop);
    }

    private static async Task<string[]> FindingsAsync(FleetClient fleet, string id, bool follow) =>
        [.. (await fleet.FindingsAsync(id, follow, Stop).ToListAsync(Stop)).Select(Name).Order(StringComparer.Ordinal)];

    private static string Name(PortResult result) => $"{result.Address}:{result.Port}";
}

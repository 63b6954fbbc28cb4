using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using PortSet = Codomyrmex.Networking.Scanning.PortSet;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

public class PortScannerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Open_ports_of_a_host_are_a_list_of_numbers()
    {
        using var listener = Listening.On(IPAddress.Loopback);
        var scanner = new PortScanner("127.0.0.1");
        IReadOnlyList<int> open = await scanner.ScanAsync(listener.Port..listener.Port, Stop);
        Assert.Equal([listener.Port], open);
        Assert.Equal($"{listener.Port}", open.ToString());
    }

    [Fact]
    public async Task Summary_and_results_stand_beside_the_numbers()
    {
        using var listener = Listening.On(IPAddress.Loopback);
        var open = await new PortScanner("127.0.0.1").ScanAsync(PortSet.Of(1, listener.Port), Stop);
        var result = Assert.Single(open.Report.Results);
        Assert.Equal(("127.0.0.1", listener.Port, PortState.Open, PortReason.SynAck), (result.Host, result.Port, result.State, result.Reason));
        Assert.True(result.RoundTrip > TimeSpan.Zero);
        Assert.StartsWith($"127.0.0.1:{listener.Port}/tcp open (syn-ack, ", result.ToString(), StringComparison.Ordinal);
        Assert.Equal((2, 1, 1), (open.Summary.Ports, open.Summary.Open, open.Summary.Closed));
        Assert.Equal(1, open.Summary.Confidence);
    }

    [Fact]
    public async Task Results_come_as_they_are_found_with_live_statistics()
    {
        using var listener = Listening.On(IPAddress.Loopback);
        var scanner = new PortScanner(new PortScannerOptions { ReportAll = true });
        var run = scanner.ScanStreamAsync(new ScanPlan { Targets = "127.0.0.1", Ports = PortSet.Of(1, 2, listener.Port) }, Stop);
        var states = new SortedDictionary<int, PortState>();
        await foreach (PortResult r in run)
            states[r.Port] = r.State;
        Assert.Equal([PortState.Closed, PortState.Closed, PortState.Open], states.Values);
        Assert.Equal((3, 3, 1), (run.Statistics.Ports, run.Statistics.PortsDone, run.Statistics.HostsDone));
        Assert.True(run.Summary.IsComplete);
    }

    [Fact]
    public async Task All_addresses_of_a_name_are_scanned_each_once()
    {
        using var one = Listening.On(IPAddress.Loopback);
        using var other = Listening.On(IPAddress.IPv6Loopback, one.Port);
        var transport = new TransportOptions { Resolver = new ResolverOptions { Hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { ["twice.test"] = [IPAddress.Loopback, IPAddress.IPv6Loopback, IPAddress.Loopback] } } };
        var open = await new PortScanner("twice.test", new PortScannerOptions { Transport = transport }).ScanAsync(PortSet.Of(one.Port), Stop);
        Assert.Equal([one.Port], open);
        Assert.Equal([IPAddress.Loopback, IPAddress.IPv6Loopback], open.Report.Results.Select(result => result.Address));
        Assert.All(open.Report.Results, result => Assert.Equal("twice.test", result.Host));
    }

    [Fact]
    public async Task Host_that_the_policy_denies_is_refused_and_nothing_is_sent()
    {
        var options = new PortScannerOptions { Transport = new TransportOptions { Policy = EgressPolicy.PublicInternetOnly } };
        var error = await Assert.ThrowsAsync<PolicyException>(() => new PortScanner("127.0.0.1", options).ScanAsync(1..10, Stop));
        Assert.Contains("loopback", error.Rule, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_that_the_policy_denies_is_left_out_and_said_so()
    {
        using var listener = Listening.On(IPAddress.Loopback);
        var options = new PortScannerOptions { ReportAll = true, Transport = new TransportOptions { Policy = EgressPolicy.Unrestricted.Denying($"127.0.0.0/8:{listener.Port}") } };
        var open = await new PortScanner("127.0.0.1", options).ScanAsync(PortSet.Of(1, listener.Port), Stop);
        Assert.Empty(open);
        Assert.Equal(1, Assert.Single(open.Report.Results).Port);
        Assert.Equal(1, open.Summary.Skipped);
        Assert.Contains("127.0.0.0/8", Assert.Single(open.Summary.Notes, static note => note.Kind == ScanNoteKind.Skipped).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_that_resolves_to_a_denied_address_is_refused()
    {
        var options = new PortScannerOptions
        {
            Transport = new TransportOptions
            {
                Policy = EgressPolicy.PublicInternetOnly,
                Resolver = new ResolverOptions { Hosts = new Dictionary<string, IReadOnlyList<IPAddress>> { ["inside.test"] = [IPAddress.Loopback] } },
            },
        };
        await Assert.ThrowsAsync<PolicyException>(() => new PortScanner("inside.test", options).ScanAsync(1..10, Stop));
    }

    [Fact]
    public async Task Target_outside_the_scope_is_refused_with_the_reason()
    {
        var plan = new ScanPlan { Targets = "127.0.0.1", Ports = 1..10, Scope = ScanScope.Of("192.0.2.0/24") };
        var error = await Assert.ThrowsAsync<PolicyException>(() => new PortScanner().ScanAsync(plan, Stop));
        Assert.Contains("scope", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_outside_the_scope_is_left_out_and_said_so()
    {
        var plan = new ScanPlan { Targets = "127.0.0.1-4", Ports = 1..10, Scope = ScanScope.Of("127.0.0.1", "127.0.0.2") };
        var report = await new PortScanner(new PortScannerOptions { ReportAll = true }).ScanAsync(plan, Stop);
        Assert.Equal(["127.0.0.1", "127.0.0.2"], report.Results.Select(result => result.Host).Distinct());
        Assert.Equal(2, report.Summary.Notes.Count(static note => note.Kind == ScanNoteKind.Skipped));
    }

    [Theory]
    [InlineData("8.8.8.0/24", true)]
    [InlineData("2001:4860:4860::/120", true)]
    [InlineData("1.0.0.0-255.255.255.255", true)]
    public async Task Public_range_needs_a_scope(string targets, bool refused)
    {
        if (!ScanTargets.TryParse(targets, out var parsed))
            return;
        var error = await Assert.ThrowsAsync<PolicyException>(() => new PortScanner().ScanAsync(new ScanPlan { Targets = parsed, Ports = 80..80 }, Stop));
        Assert.Equal(refused, error.Message.Contains("ScanPlan.Scope", StringComparison.Ordinal));
        Assert.Contains("ScanPlan.Scope, --scope FILE", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:80", "pass the ports separately")]
    [InlineData("http://127.0.0.1/", "is a URL")]
    [InlineData("no host", "contains")]
    [InlineData("", "empty")]
    public void Host_that_is_none_is_a_wrong_argument(string host, string why)
    {
        var error = Assert.ThrowsAny<ArgumentException>(() => new PortScanner(host));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Equal("host", error.ParamName);
        Assert.Contains(why, Assert.ThrowsAny<ArgumentException>(() => new ScanPlan { Targets = host, Ports = 1..10 }).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => ScanTargets.Parse(host));
    }

    [Fact]
    public async Task Tunnel_that_has_no_descriptor_for_a_moment_is_asked_later()
    {
        var dials = 0;
        var transport = new TransportOptions
        {
            DialOver = (_, _) => Interlocked.Increment(ref dials) <= 20
                ? throw new NetworkFailure { Code = ErrorCodes.LocalDescriptors, Message = "none left", Phase = NetworkPhase.Connect }.ToException()
                : ValueTask.FromResult<Stream>(new MemoryStream()),
        };
        var open = await new PortScanner("127.0.0.1", new PortScannerOptions { Transport = transport }).ScanAsync(1..10, Stop);
        Assert.Equal(Enumerable.Range(1, 10), open);
        Assert.Equal(30, dials);
        Assert.Contains(open.Summary.Notes, static note => note.Kind == ScanNoteKind.LocalPorts);
    }

    [Fact]
    public async Task Name_without_an_address_is_an_error()
    {
        var transport = new TransportOptions { Resolver = new ResolverOptions { Custom = new NobodyKnows() } };
        var error = await Assert.ThrowsAsync<DNSResolutionException>(() => new PortScanner("nobody.test", new PortScannerOptions { Transport = transport }).ScanAsync(1..10, Stop));
        Assert.Equal(ErrorCodes.DnsNotFound, error.Code);
    }

    [Fact]
    public async Task Cancelled_scan_ends_with_the_callers_cancellation_and_a_summary_of_what_was_done()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var scanner = new PortScanner(new PortScannerOptions { ReportAll = true, ProbesPerSecond = 1000 });
        var run = scanner.ScanStreamAsync(new ScanPlan { Targets = "127.0.0.1", Ports = PortSet.All }, stop.Token);
        var seen = 0;
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var result in run)
            {
                if (++seen == 10)
                    await stop.CancelAsync();
            }
        });
        Assert.Equal(stop.Token, error.CancellationToken);
        Assert.False(run.Summary.IsComplete);
        Assert.InRange(run.Summary.Closed, 10, 60_000);
    }

    [Fact]
    public async Task Leaving_the_enumeration_stops_the_scan()
    {
        var run = new PortScanner(new PortScannerOptions { ReportAll = true, ProbesPerSecond = 1000 }).ScanStreamAsync(new ScanPlan { Targets = "127.0.0.1", Ports = PortSet.All }, Stop);
        await foreach (var result in run)
            break;
        Assert.False(run.Summary.IsComplete);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await run.GetAsyncEnumerator(Stop).MoveNextAsync());
    }

    [Fact]
    public async Task Plugged_in_probe_is_asked_about_open_ports_and_its_answer_is_in_the_result()
    {
        using var listener = Listening.On(IPAddress.Loopback);
        var options = new PortScannerOptions { Identify = static (result, _) => ValueTask.FromResult<ServiceInfo?>(new ServiceInfo { Name = "test", Version = $"{result.Port}\u001b" }) };
        var open = await new PortScanner("127.0.0.1", options).ScanAsync(PortSet.Of(1, listener.Port), Stop);
        Assert.Equal("test", Assert.Single(open.Report.Results).Service!.Name);
        Assert.DoesNotContain('\u001b', open.Report.Results[0].ToString());
    }

    [Fact]
    public async Task Plugged_in_probe_that_fails_leaves_the_port_open()
    {
        using var listener = Listening.On(IPAddress.Loopback);
        var options = new PortScannerOptions { Identify = static (_, _) => throw new NetworkFailure { Code = ErrorCodes.TcpReset, Message = "reset" }.ToException() };
        Assert.Equal([listener.Port], await new PortScanner("127.0.0.1", options).ScanAsync(PortSet.Of(1, listener.Port), Stop));
    }

    [Fact]
    public async Task Shards_are_the_whole_scan_and_share_nothing()
    {
        var options = new PortScannerOptions { ReportAll = true };
        var ports = new List<(string, int)>();
        for (var shard = 1; shard <= 3; shard++)
        {
            var plan = new ScanPlan { Targets = "127.0.0.1-2", Ports = 1..100, Seed = 5, Shard = new ScanShard(shard, 3) };
            var report = await new PortScanner(options).ScanAsync(plan, Stop);
            Assert.Equal(report.Summary.Ports, report.Results.Count);
            ports.AddRange(report.Results.Select(static result => (result.Host, result.Port)));
        }
        Assert.Equal(200, ports.Count);
        Assert.Equal(200, ports.Distinct().Count());
    }

    [Fact]
    public async Task Through_a_SOCKS5_proxy_ports_are_what_the_proxy_says()
    {
        using var listener = Listening.On(IPAddress.Loopback);
        await using var proxy = LoopbackProxy.Start();
        var options = new PortScannerOptions { ReportAll = true, Transport = new TransportOptions { Proxy = ProxyOptions.Parse(proxy.Url("socks5")) with { NoProxy = [] } } };
        var open = await new PortScanner("127.0.0.1", options).ScanAsync(PortSet.Of(1, listener.Port), Stop);
        Assert.Equal([listener.Port], open);
        Assert.Equal(PortReason.ProxyConnected, open.Report.Results.Single(result => result.Port == listener.Port).Reason);
        Assert.Equal(PortReason.ProxyRefused, open.Report.Results.Single(result => result.Port == 1).Reason);
        Assert.Contains("proxy", open.Summary.ModeReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_another_stream_too()
    {
        var options = new PortScannerOptions
        {
            Transport = new TransportOptions
            {
                DialOver = static (endpoint, _) => endpoint.Port == 22
                    ? ValueTask.FromResult(Stream.Null)
                    : throw new NetworkFailure { Code = ErrorCodes.TcpRefused, Message = "refused", Phase = NetworkPhase.Connect }.ToException(),
            },
        };
        Assert.Equal([22], await new PortScanner("192.0.2.1", options).ScanAsync(20..30, Stop));
    }

    [Fact]
    public async Task Killed_scan_goes_on_where_it_stopped_and_loses_no_finding()
    {
        using var listener = Listening.On(IPAddress.Loopback);
        using var folder = new TemporaryDirectory();
        var (path, copy) = (Path.Combine(folder.Path, "scan"), Path.Combine(folder.Path, "killed"));
        var plan = new ScanPlan { Targets = "127.0.0.1", Ports = PortSet.Parse($"10001-13000,{listener.Port}"), JournalPath = path };
        var run = new PortScanner(new PortScannerOptions { ProbesPerSecond = 4000, ReportAll = true }).ScanStreamAsync(plan, Stop);
        var results = new List<PortResult>();
        await foreach (var result in run)
        {
            results.Add(result);
            // What is in the file at a moment is what a process leaves that is killed then, down to a line that is half written.
            if (results.Count == 1500)
                CopyTorn(path, copy);
        }
        var again = await new PortScanner(new PortScannerOptions { ReportAll = true }).ScanAsync(plan with { JournalPath = copy }, Stop);
        Assert.Equal(results.Select(static result => result.Port).Order(), again.Results.Select(static result => result.Port));
        Assert.Equal((1, 3000), (again.Summary.Open, again.Summary.Closed));
        Assert.InRange(again.Summary.ProbesSent, 1, 1600);
        Assert.Contains(again.Summary.Notes, static note => note.Kind == ScanNoteKind.Resumed);

        var third = await new PortScanner(new PortScannerOptions { ReportAll = true }).ScanAsync(plan with { JournalPath = copy }, Stop);
        Assert.Equal((0, 3001), (third.Summary.ProbesSent, third.Results.Count));

        static void CopyTorn(string from, string to)
        {
            using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var target = File.Create(to);
            source.CopyTo(target);
            target.Write("p 0 0 1029"u8);
        }
    }

    [Fact]
    public async Task Closed_ports_are_remembered_though_nobody_hears_of_them()
    {
        using var folder = new TemporaryDirectory();
        var path = Path.Combine(folder.Path, "scan");
        var plan = new ScanPlan { Targets = "127.0.0.1", Ports = 10001..13000, JournalPath = path };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var run = new PortScanner(new PortScannerOptions { ProbesPerSecond = 2000 }).ScanStreamAsync(plan, stop.Token);
        var reading = Task.Run(async () =>
        {
            await foreach (var result in run)
                Assert.Fail($"{result}");
        }, Stop);
        SpinWait.SpinUntil(() => run.Statistics.Closed > 1500);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        var again = await new PortScanner().ScanAsync(plan, Stop);
        Assert.Equal(3000, again.Summary.Closed);
        Assert.InRange(again.Summary.ProbesSent, 1, 1500);
    }

    [Theory]
    [InlineData("*.example.test", "2020-01-01", "ended on")]
    [InlineData("*.other.test", null, "")]
    public async Task Name_that_is_not_in_scope_or_no_longer_is_not_looked_up(string allowed, string? until, string why)
    {
        await using var dns = ScriptedDnsServer.Start(static _ => ScriptedDnsAnswer.Of("127.0.0.1"));
        var options = new PortScannerOptions { Transport = TransportOptions.Default with { Resolver = new ResolverOptions { Server = dns.EndPoint } } };
        var scope = ScanScope.Of(allowed) with { Until = until is null ? null : DateTimeOffset.Parse(until, System.Globalization.CultureInfo.InvariantCulture) };
        var error = await Assert.ThrowsAsync<PolicyException>(() => new PortScanner(options).ScanAsync(new ScanPlan { Targets = "a.example.test", Ports = 1..2, Scope = scope }, Stop));
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Empty(dns.Questions);
    }

    [Fact]
    public async Task Scope_that_ends_ends_the_scan_in_the_middle_of_a_host_and_a_longer_one_lets_it_go_on()
    {
        using var folder = new TemporaryDirectory();
        var plan = new ScanPlan { Targets = "127.0.0.1", Ports = 10001..13000, JournalPath = Path.Combine(folder.Path, "scan"), Scope = ScanScope.Of("127.0.0.1") with { Name = "lab" } };
        var scanner = new PortScanner(new PortScannerOptions { ProbesPerSecond = 1000 });
        var run = scanner.ScanStreamAsync(plan with { Scope = plan.Scope with { Until = DateTimeOffset.UtcNow + TimeSpan.FromMilliseconds(500) } }, Stop);
        var error = await Assert.ThrowsAsync<PolicyException>(async () =>
        {
            await foreach (var result in run)
                Assert.Fail($"{result}");
        });
        Assert.Contains("lab", error.Rule, StringComparison.Ordinal);
        Assert.Contains("ended on", error.Message, StringComparison.Ordinal);
        var before = run.Statistics.Closed;
        Assert.InRange(before, 1, 2000);
        var again = await new PortScanner().ScanAsync(plan, Stop);
        Assert.Equal((true, 3000), (again.Summary.IsComplete, again.Summary.Closed));
        Assert.InRange(again.Summary.ProbesSent, 1, 3000 - before + 50);
    }

    [Fact]
    public async Task Journal_of_another_plan_is_refused()
    {
        using var folder = new TemporaryDirectory();
        var plan = new ScanPlan { Targets = "127.0.0.1", Ports = 1..10, JournalPath = Path.Combine(folder.Path, "scan") };
        await new PortScanner().ScanAsync(plan, Stop);
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => new PortScanner().ScanAsync(plan with { Ports = 1..11 }, Stop));
        Assert.Equal(ErrorCodes.LocalExists, error.Code);
        // Nobody can allow a journal to be overwritten: the hint must not say so.
        Assert.DoesNotContain("--overwrite", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closed_UDP_port_of_this_machine_is_closed_and_one_that_answers_open()
    {
        using var echo = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)echo.Client.LocalEndPoint!).Port;
        var answering = Task.Run(async () =>
        {
            var question = await echo.ReceiveAsync(Stop);
            await echo.SendAsync("hello"u8.ToArray(), question.RemoteEndPoint, Stop);
        }, Stop);
        var open = await new PortScanner("127.0.0.1", new PortScannerOptions { ReportAll = true }).ScanAsync(PortSet.Parse($"u:1,u:{port}"), Stop);
        await answering;
        Assert.Equal([port], open);
        Assert.Equal([PortReason.IcmpPortUnreachable, PortReason.UdpResponse], open.Report.Results.Select(result => result.Reason));
    }

    [Fact]
    public async Task Host_is_counted_once_where_both_protocols_are_asked()
    {
        var options = new PortScannerOptions { ReportAll = true };
        var run = new PortScanner(options).ScanStreamAsync(new ScanPlan { Targets = "127.0.0.1-3", Ports = PortSet.Parse("1-10,u:1-10") }, Stop);
        await foreach (var result in run)
            Assert.Equal(PortState.Closed, result.State);
        Assert.Equal((3, 3, 0, 60), (run.Summary.Hosts, run.Summary.HostsUp, run.Summary.HostsDown, run.Summary.Closed));
        Assert.Equal(3, run.Statistics.HostsDone);
    }

    [Fact]
    public async Task Excluded_name_that_cannot_be_found_stops_the_scan_unless_that_is_allowed()
    {
        var transport = new TransportOptions { Resolver = new ResolverOptions { Custom = new NobodyKnows() } };
        var scanner = new PortScanner(new PortScannerOptions { Transport = transport, ReportAll = true });
        var plan = new ScanPlan { Targets = ScanTargets.Parse("127.0.0.1").Excluding("payments.test"), Ports = 1..10 };
        var run = scanner.ScanStreamAsync(plan, Stop);
        var error = await Assert.ThrowsAsync<DNSResolutionException>(async () => await run.GetAsyncEnumerator(Stop).MoveNextAsync());
        Assert.Contains("payments.test", error.Message, StringComparison.Ordinal);
        Assert.Contains("AllowUnresolvedExclusions", error.Hint, StringComparison.Ordinal);
        Assert.Equal(0, run.Summary.ProbesSent);

        var report = await scanner.ScanAsync(plan with { AllowUnresolvedExclusions = true }, Stop);
        Assert.Equal(10, report.Summary.Closed);
        Assert.Contains(report.Summary.Notes, static note => note is { Kind: ScanNoteKind.Skipped, Host: "payments.test" });
    }

    private sealed class NobodyKnows : IResolver
    {
        public ValueTask<ResolvedAddresses> ResolveAsync(string host, CancellationToken cancellationToken) => ValueTask.FromResult(new ResolvedAddresses([]));
    }

    private sealed class Listening : IDisposable
    {
        private readonly Socket _socket;

        private Listening(Socket socket) => _socket = socket;

        public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

        public static Listening On(IPAddress address, int port = 0)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(16);
            return new Listening(socket);
        }

        public void Dispose() => _socket.Dispose();
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Fleet.Fixtures;

/// <summary>
/// A fleet as it is in earnest: machines in network namespaces of their own, a Redis or a PostgreSQL in another, and hosts to scan in one more, all on one bridge; mutual TLS between them. Needs root.
/// Disposing it takes everything away.
/// </summary>
internal sealed class FleetLab : IAsyncDisposable
{
    public const string HubAddress = "198.18.255.1";
    private const string TargetAddress = "198.18.255.99";
    private const string TargetLink = "02:00:00:00:00:63";

    // The networks that the target answers for, and in each the hosts that there are.
    private const string Networks = "198.19.240.0/21";

    /// <summary>The hosts to scan.</summary>
    public static string[] Targets { get; } = [.. Enumerable.Range(240, 8).Select(static network => $"198.19.{network}.1-16")];

    private static readonly string[] Nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"];
    private static readonly string Postgres = Directory.Exists("/usr/lib/postgresql") ? Directory.EnumerateDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).First() + "/bin/" : "";
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "codonet-fleet");

    private static readonly string AgentProgram = Path.Combine(AppContext.BaseDirectory, "Codomyrmex.Networking.FleetAgent");

    private static int _count;

    private readonly string _name = $"cf{Environment.ProcessId % 100000:x}{(char)('a' + Interlocked.Increment(ref _count))}";
    private readonly ServerFolder _folder = new();
    private readonly Dictionary<int, FleetProcess> _machines = [];
    private readonly List<FleetProcess> _agents = [];
    private readonly bool _usesPostgres;
    private FleetProcess? _store;
    private FleetProcess? _watch;
    private FleetProcess? _servers;
    private FleetProcess? _sites;

    private FleetLab(bool usesPostgres) => _usesPostgres = usesPostgres;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Hub => _name + "h";

    private string Target => _name + "t";

    private static string Redis => HubAddress + ":6379";

    // What the machines share.
    private string[] Store => _usesPostgres ? ["--postgres", $"Host={HubAddress};Database=postgres;Username=fleet"] : ["--redis", Redis];

    private string Log => _folder["probes"];

    private string[] Trust => Files("host") is [var authority, var certificate, var key] ? ["--cacert", authority, "--cert", certificate, "--key", key] : [];

    public static async Task<FleetLab> StartAsync(bool usesPostgres = false)
    {
        var lab = new FleetLab(usesPostgres);
        try
        {
            await lab.BuildAsync();
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sees to it that as many machines are up, and no more.</summary>
    public async Task HaveMachinesAsync(int count)
    {
        var leaving = _machines.Keys.Where(number => number > count).Order().ToArray();
        // Asked to, they take leave of the others, who need not find out.
        foreach (var number in leaving)
            _machines[number].Ask();
        foreach (var number in leaving)
        {
            await _machines[number].EndAsync(Stop);
            await _machines[number].DisposeAsync();
            _machines.Remove(number);
        }
        for (var number = 1; number <= count; number++)
        {
            if (!_machines.TryGetValue(number, out var machine) || machine.HasEnded)
                _machines[number] = FleetProcess.Start($"{_name}m{number}", [Program, "start", .. Store, "--listen", AddressOf(number), "--name", $"m{number}", "--page", "off", "--json", .. Trust]);
        }
        foreach (var machine in _machines.Values)
            await machine.PrintsAsync(static line => line.StartsWith("{\"machine\"", StringComparison.Ordinal), Stop);
        for (var up = 0; up != count;)
        {
            using var status = JsonDocument.Parse((await CallAsync("status", "--json"))[^1]);
            up = status.RootElement.GetProperty("machines").GetArrayLength();
        }
    }

    /// <summary>Begins a campaign, in the background.</summary>
    public FleetProcess Scan(params string[] options) => FleetProcess.Start(Hub, [Program, "scan", .. Targets, "--json", .. options, .. Store, .. Trust]);

    /// <summary>A machine that serves agents, in the place of the one that has that number.</summary>
    public FleetProcess Agent(int number, params string[] names)
    {
        var agent = FleetProcess.Start($"{_name}m{number}", [AgentProgram, string.Join(',', names), $"m{number}", Redis, AddressOf(number), .. Files($"m{number}")]);
        _agents.Add(agent);
        return agent;
    }

    /// <summary>Begins a run of the command line.</summary>
    public FleetProcess Call(params string[] arguments) => FleetProcess.Start(Hub, [Program, .. arguments, .. Store, .. Trust]);

    /// <summary>Begins a crawl, in the background.</summary>
    public FleetProcess Crawl(params string[] arguments) => FleetProcess.Start(Hub, [Program, "crawl", .. arguments, .. Store, .. Trust]);

    /// <summary>What one machine without a fleet says of a crawl.</summary>
    public async Task<string[]> CrawlAloneAsync(params string[] arguments)
    {
        await using var crawl = FleetProcess.Start(Hub, [Path.Combine(AppContext.BaseDirectory, "codonet"), "crawl", .. arguments]);
        return await crawl.EndAsync(Stop);
    }

    /// <summary>What the sites were asked for, since so many requests had been.</summary>
    public LabSites SitesAt(int port, int since = 0) => LabSites.Read(_folder["sites"], port, since);

    /// <summary>How many requests there were, of one machine or of all.</summary>
    public int RequestsAt(int port, int? machine = null) => _sites!.Output.Split('\n').Count(line => line.StartsWith($"seen {port} {(machine is { } number ? AddressOf(number) : "")}", StringComparison.Ordinal));

    /// <summary>Waits until there were as many requests, of one machine or of all.</summary>
    public async Task AskedAsync(int port, int requests, int? machine = null)
    {
        while (RequestsAt(port, machine) < requests)
            await _sites!.PrintsMoreAsync(Stop);
    }

    /// <summary>Runs the command line to its end.</summary>
    public async Task<string[]> CallAsync(params string[] arguments)
    {
        await using var run = Call(arguments);
        return await run.EndAsync(Stop);
    }

    public FleetProcess Machine(int number) => _machines[number];

    /// <summary>Lets nothing pass between a machine and the others, or lets it pass again: by its own link, or by the bridge alone, so that its link stays up.</summary>
    public Task CutOffAsync(int number, bool isCut, bool byLink) => byLink
        ? RunAsync("ip", "-n", Hub, "link", "set", $"v{number}", isCut ? "down" : "up")
        : RunAsync("bridge", "-n", Hub, "link", "set", "dev", $"v{number}", "state", isCut ? "0" : "3");

    /// <summary>Kills what the machines share, and starts it again with what it had written down.</summary>
    public async Task RestartStoreAsync()
    {
        if (_usesPostgres)
        {
            // Killed, it would leave its children behind: this ends them as well, and writes nothing more.
            _store!.Abort();
            await _store.EndAsync(Stop);
        }
        await _store!.DisposeAsync();
        await StartStoreAsync();
    }

    /// <summary>Probes seen so far.</summary>
    public int Seen => _watch!.Output.Split('\n').Where(static line => line.StartsWith("seen ", StringComparison.Ordinal)).Select(static line => int.Parse(line[5..], CultureInfo.InvariantCulture)).LastOrDefault();

    /// <summary>Waits until as many more probes have reached the target.</summary>
    public async Task SeesAsync(int more)
    {
        var wanted = Seen + more;
        await _watch!.PrintsAsync(line => line.StartsWith("seen ", StringComparison.Ordinal) && int.Parse(line[5..], CultureInfo.InvariantCulture) >= wanted, Stop);
    }

    /// <summary>What reached the target since so many probes had.</summary>
    public ProbeLog Probes(int since) => ProbeLog.Read(Log, since);

    /// <summary>What nmap finds.</summary>
    public async Task<string[]> NmapAsync(string ports)
    {
        await using var nmap = FleetProcess.Start(Hub, ["nmap", "-n", "-Pn", "-sS", "-T5", "--max-retries", "3", "--min-rate", "4000", "-p", ports, "-oG", "-", .. Targets]);
        var found = from line in await nmap.EndAsync(Stop)
                    where line.Contains("Ports: ", StringComparison.Ordinal)
                    let host = line.Split(' ')[1]
                    from port in line[(line.IndexOf("Ports: ", StringComparison.Ordinal) + 7)..].Split(", ")
                    where port.Contains("/open/", StringComparison.Ordinal)
                    select $"{host}:{port.Split('/')[0].Trim()}";
        return [.. found.Order(StringComparer.Ordinal)];
    }

    /// <summary>The last that each part of it has said.</summary>
    public string Story() => string.Join('\n', _machines.Select(static machine => ($"m{machine.Key}", machine.Value)).Append(("store", _store!)).Append(("watch", _watch!))
        .Select(static part => $"--- {part.Item1}, {(part.Item2.HasEnded ? "ended" : "up")}\n{string.Join('\n', part.Item2.Output.Split('\n').TakeLast(12))}"));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _machines.Values.Concat(_agents).Concat(new[] { _store, _watch, _servers, _sites }.OfType<FleetProcess>()))
            await process.DisposeAsync();
        foreach (var network in (string[])[Hub, Target, .. Enumerable.Range(1, 4).Select(number => $"{_name}m{number}")])
            await TryRunAsync("ip", "netns", "delete", network);
        _folder.Dispose();
    }

    private string[] Files(string name) => [_folder["ca.pem"], _folder[name + ".pem"], _folder[name + ".key"]];

    public static string AddressOf(int number) => $"198.18.255.{10 + number}";

    private async Task BuildAsync()
    {
        using var authority = new TestCertificateAuthority("fleet");
        authority.WriteRootPem(_folder["ca.pem"]);
        foreach (var name in (string[])["host", "m1", "m2", "m3", "m4"])
        {
            using var certificate = authority.Issue(new TestCertificateOptions { CommonName = name, ClientAuthentication = true });
            authority.WritePem(certificate, _folder[name + ".pem"], _folder[name + ".key"]);
        }
        await RunAsync("ip", "netns", "add", Hub);
        await RunAsync("ip", "-n", Hub, "link", "add", "br0", "type", "bridge");
        await RunAsync("ip", "-n", Hub, "address", "add", "198.18.255.1/24", "dev", "br0");
        await RunAsync("ip", "-n", Hub, "link", "set", "br0", "up");
        await RunAsync("ip", "-n", Hub, "link", "set", "lo", "up");
        await RunAsync("ip", "-n", Hub, "route", "add", Networks, "via", TargetAddress);
        await JoinAsync(Target, "vt", TargetAddress);
        await RunAsync("ip", "-n", Target, "link", "set", "eth0", "address", TargetLink);
        for (var number = 1; number <= 4; number++)
        {
            await JoinAsync($"{_name}m{number}", $"v{number}", AddressOf(number));
            await RunAsync("ip", "-n", $"{_name}m{number}", "route", "add", Networks, "via", TargetAddress);
            // It need not ask for it: while it did, in vain, its kernel would hold packets back.
            await RunAsync("ip", "-n", $"{_name}m{number}", "neighbour", "add", TargetAddress, "lladdr", TargetLink, "dev", "eth0", "nud", "permanent");
        }
        await RunAsync("ip", "-n", Target, "route", "add", "local", Networks, "dev", "lo");
        _servers = FleetProcess.Start(Target, "python3", "-c", """
            import selectors, socket
            chosen = selectors.DefaultSelector()
            for port in (22, 80, 443):
                s = socket.socket()
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind(('', port))
                s.listen(1024)
                s.setblocking(False)
                chosen.register(s, selectors.EVENT_READ)
            print('ready', flush=True)
            while True:
                for key, _ in chosen.select():
                    try:
                        key.fileobj.accept()[0].close()
                    except OSError:
                        pass
            """);
        await _servers.PrintsAsync(static line => line == "ready", Stop);
        _sites = FleetProcess.Start(Target, ["python3", "-c", LabSites.Script, _folder["sites"], .. LabSites.Arguments]);
        await _sites.PrintsAsync(static line => line == "ready", Stop);
        // Some hosts have a port closed, some drop what is for it.
        var rules = _folder.Write("rules", """
            table inet scan {
            chain in {
            type filter hook input priority 0;
            ip daddr & 0.0.0.3 == 0.0.0.1 tcp dport 443 drop
            ip daddr & 0.0.0.3 == 0.0.0.2 tcp dport 80 reject with tcp reset
            }
            }
            """ + "\n");
        await RunAsync("ip", "netns", "exec", Target, "nft", "-f", rules);
        _watch = FleetProcess.Start(Target, "python3", "-c", ProbeLog.Script, Log);
        await _watch.PrintsAsync(static line => line == "ready", Stop);
        if (_usesPostgres)
            await MakePostgresAsync();
        await StartStoreAsync();
    }

    private async Task StartStoreAsync()
    {
        if (_usesPostgres)
        {
            _store = FleetProcess.Start(Hub, [.. Nobody, Postgres + "postgres", "-D", _folder["data"], "-k", _folder.Path, "-h", HubAddress]);
            await _store.PrintsAsync(static line => line.Contains("database system is ready to accept connections", StringComparison.Ordinal), Stop);
            return;
        }
        Directory.CreateDirectory(_folder["redis"]);
        _store = FleetProcess.Start(Hub, "redis-server", "--port", "6379", "--bind", HubAddress, "--protected-mode", "no", "--dir", _folder["redis"], "--appendonly", "yes", "--appendfsync", "always", "--save", "");
        await _store.PrintsAsync(static line => line.Contains("Ready to accept connections", StringComparison.Ordinal), Stop);
    }

    // It refuses to be root. Whoever is on the hub's network may use it, which is this test alone.
    private async Task MakePostgresAsync()
    {
        await RunAsync("chown", "nobody", _folder.Path);
        await RunAsync(Nobody[0], [.. Nobody[1..], Postgres + "initdb", "-D", _folder["data"], "--no-sync", "-U", "fleet", "-A", "trust"]);
        await File.AppendAllTextAsync(_folder["data/pg_hba.conf"], "host all all 198.18.255.0/24 trust\n");
    }

    private async Task JoinAsync(string network, string end, string address)
    {
        await RunAsync("ip", "netns", "add", network);
        await RunAsync("ip", "link", "add", end, "netns", Hub, "type", "veth", "peer", "name", "eth0", "netns", network);
        await RunAsync("ip", "-n", Hub, "link", "set", end, "master", "br0");
        await RunAsync("ip", "-n", Hub, "link", "set", end, "up");
        await RunAsync("ip", "-n", network, "link", "set", "lo", "up");
        await RunAsync("ip", "-n", network, "address", "add", address + "/24", "dev", "eth0");
        await RunAsync("ip", "-n", network, "link", "set", "eth0", "up");
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        var (code, output) = await TryRunAsync(program, arguments);
        if (code != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {code}: {output}");
    }

    private static async Task<(int Code, string Output)> TryRunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }
}

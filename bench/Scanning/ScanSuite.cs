using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Scanning;

/// <summary>
/// <c>codonet scan</c> as a whole process beside nmap's and a loop in C, in network namespaces of the suite's own. A run that does not find exactly the open ports counts
/// for nothing: it is told, and not timed.
/// </summary>
internal static class ScanSuite
{
    private const string Namespace = "codonet-bench";
    private const string Target = "198.19.255.2";
    private const string OpenPorts = "22,80,443,1024,3000-3044,65535";
    private const int OpenCount = 50;

    private static string Codonet => Path.Combine(Repository.Root, "artifacts", "codonet");

    public static async Task<int> RunAsync(Settings settings)
    {
        if (!File.Exists(Codonet))
        {
            Console.Error.WriteLine("There is no artifacts/codonet: run ./dev build first.");
            return 1;
        }
        var c = await CompileAsync();
        var report = new StringBuilder();
        report.Append(CultureInfo.InvariantCulture, $"# Port scans, {DateTime.UtcNow:yyyy-MM-dd}\n\n`./dev bench scan {settings.CommandLine}`\n\n{Machine.Description}.\n");
        report.Append("Seconds, medians of interleaved rounds, whole processes unless said; ratios are medians of the rounds' ratios.\n\n");
        report.Append("| case | who | seconds | exact runs | ours to it |\n|---|---|---|---|---|\n");
        await SetUpAsync();
        try
        {
            foreach (var scenario in Scenarios(c).Where(scenario => settings.Only.Length == 0 || scenario.Name.Contains(settings.Only, StringComparison.Ordinal)))
                await MeasureAsync(report, scenario, settings);
        }
        finally
        {
            await TearDownAsync();
        }
        Console.WriteLine(report);
        if (!settings.IsQuick && settings.Only.Length == 0)
            await File.WriteAllTextAsync(Path.Combine(Repository.Root, "bench", "results", string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}-scan.md")), report.ToString());
        return 0;
    }

    private static IEnumerable<ScanScenario> Scenarios(string c)
    {
        // Inside a namespace, this machine's own address: nothing else listens there.
        yield return new("loopback, 65,535 ports", "", OpenCount,
        [
            new("codonet, connect", Inside, [Codonet, "scan", "127.0.0.1", "-p", "all", "--mode", "connect", "--json"]),
            new("C, socket used again, in process", Inside, [c, "127.0.0.1", "1", "65535", "64", "reuse"]),
            new("C, new socket, in process", Inside, [c, "127.0.0.1", "1", "65535", "64", "new"]),
            new("nmap -sT", Inside, ["nmap", "-n", "-Pn", "-sT", "-p", "1-65535", "127.0.0.1"]),
            new("nmap -sT -T5 --min-parallelism 300", Inside, ["nmap", "-n", "-Pn", "-sT", "-T5", "--min-parallelism", "300", "-p", "1-65535", "127.0.0.1"]),
        ]);
        yield return new("::1, 65,535 ports", "", OpenCount,
        [
            new("codonet, connect", Inside, [Codonet, "scan", "::1", "-p", "all", "--mode", "connect", "--json"]),
            new("C, socket used again, in process", Inside, [c, "::1", "1", "65535", "64", "reuse"]),
        ]);
        yield return new("loopback, 65,535 ports, SYN", "", OpenCount,
        [
            new("codonet, SYN", Inside, [Codonet, "scan", "127.0.0.1", "-p", "all", "--mode", "syn", "--json"]),
            new("nmap -sS -T4", Inside, ["nmap", "-n", "-Pn", "-sS", "-T4", "-p", "1-65535", "127.0.0.1"]),
        ]);
        yield return new("veth, 65,535 ports", "", OpenCount,
        [
            new("codonet, connect", [], [Codonet, "scan", Target, "-p", "all", "--mode", "connect", "--rate", "max", "--json"]),
            new("C, socket used again, in process", [], [c, Target, "1", "65535", "1024", "reuse"]),
            new("nmap -sT -T5 --min-parallelism 300", [], ["nmap", "-n", "-Pn", "-sT", "-T5", "--min-parallelism", "300", "-p", "1-65535", Target]),
        ]);
        yield return new("veth, 65,535 ports, SYN", "", OpenCount,
        [
            new("codonet, SYN", [], [Codonet, "scan", Target, "-p", "all", "--mode", "syn", "--rate", "max", "--json"]),
            new("nmap -sS -T4", [], ["nmap", "-n", "-Pn", "-sS", "-T4", "-p", "1-65535", Target]),
        ]);
        const string Dropping = "tcp dport 1-1000 tcp dport != { 22, 80, 443, 500-516 } drop";
        yield return new("veth, 1,000 ports, 980 dropped", Dropping, 3,
        [
            new("codonet, connect", [], [Codonet, "scan", Target, "-p", "1-1000", "--mode", "connect", "--rate", "max", "--json"]),
            new("C, a wait of 1 s", [], [c, Target, "1", "1000", "1000", "reuse"]),
            new("nmap -sT -T5 --max-retries 1 --max-rtt-timeout 100ms", [], ["nmap", "-n", "-Pn", "-sT", "-T5", "--max-retries", "1", "--max-rtt-timeout", "100ms", "--min-parallelism", "300", "-p", "1-1000", Target]),
            new("nmap -sT", [], ["nmap", "-n", "-Pn", "-sT", "-p", "1-1000", Target]),
        ]);
        yield return new("veth, 65,535 ports, 65,515 dropped", "tcp dport != { 22, 80, 443, 500-516 } drop", 3,
        [
            new("codonet, connect", [], [Codonet, "scan", Target, "-p", "all", "--mode", "connect", "--rate", "max", "--json"]),
            new("codonet, SYN", [], [Codonet, "scan", Target, "-p", "all", "--mode", "syn", "--rate", "max", "--json"]),
            new("nmap -sS -T4", [], ["nmap", "-n", "-Pn", "-sS", "-T4", "-p", "1-65535", Target]),
        ]);
        yield return new("veth, 252 hosts, 100 ports", "", 252 * 3,
        [
            new("codonet, connect", [], [Codonet, "scan", "198.19.255.2,198.19.255.4-254", "-p", "1-98,443,1024", "--mode", "connect", "--rate", "max", "--json"]),
            new("codonet, SYN", [], [Codonet, "scan", "198.19.255.2,198.19.255.4-254", "-p", "1-98,443,1024", "--mode", "syn", "--rate", "max", "--json"]),
            new("nmap -sT -T5", [], ["nmap", "-n", "-Pn", "-sT", "-T5", "--min-parallelism", "300", "-p", "1-98,443,1024", "198.19.255.2,4-254"]),
            new("nmap -sS -T4", [], ["nmap", "-n", "-Pn", "-sS", "-T4", "-p", "1-98,443,1024", "198.19.255.2,4-254"]),
        ]);
    }

    private static string[] Inside => ["ip", "netns", "exec", Namespace];

    private static async Task MeasureAsync(StringBuilder report, ScanScenario scenario, Settings settings)
    {
        await RunAsync([.. Inside, "nft", "flush", "ruleset"]);
        if (scenario.Drop.Length > 0)
        {
            var file = Path.GetTempFileName();
            await File.WriteAllTextAsync(file, $"table inet bench {{\nchain in {{\ntype filter hook input priority 0;\n{scenario.Drop}\n}}\n}}\n");
            await RunAsync([.. Inside, "nft", "-f", file]);
            File.Delete(file);
        }
        var figures = scenario.Peers.Select(_ => new List<double>()).ToArray();
        var exact = new int[scenario.Peers.Length];
        for (var round = 0; round < settings.Rounds; round++)
        {
            for (var i = 0; i < scenario.Peers.Length; i++)
            {
                var at = (i + round) % scenario.Peers.Length;
                var (open, seconds) = await TimeAsync(scenario.Peers[at]);
                exact[at] += open == scenario.Open ? 1 : 0;
                figures[at].Add(open == scenario.Open ? seconds : double.NaN);
            }
        }
        for (var i = 0; i < scenario.Peers.Length; i++)
        {
            var pairs = figures[0].Zip(figures[i], static (ours, its) => its / ours).Where(double.IsFinite);
            var ratio = i == 0 ? "" : Statistics.Text(pairs.Median());
            report.Append(CultureInfo.InvariantCulture,
                $"| {(i == 0 ? scenario.Name : "")} | {scenario.Peers[i].Name} | {figures[i].Where(double.IsFinite).Median():0.000} | {exact[i]} of {settings.Rounds} | {ratio} |\n");
        }
    }

    private static async Task<(int Open, double Seconds)> TimeAsync(ScanPeer peer)
    {
        var start = Stopwatch.GetTimestamp();
        var output = await RunAsync([.. peer.Where, .. peer.Command]);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (peer.Command[0] == "nmap")
            return (output.Split('\n').Count(static line => line.Contains("/tcp", StringComparison.Ordinal) && line.Contains(" open ", StringComparison.Ordinal)), seconds);
        if (peer.Command[0] != Codonet)
            return (int.Parse(output.Split(' ')[0], CultureInfo.InvariantCulture), double.Parse(output.Split(' ')[1], CultureInfo.InvariantCulture));
        var last = output.TrimEnd().Split('\n')[^1];
        return (JsonDocument.Parse(last).RootElement.GetProperty("summary").GetProperty("open").GetInt32(), seconds);
    }

    private static async Task SetUpAsync()
    {
        await TearDownAsync();
        await RunAsync("ip", "netns", "add", Namespace);
        await RunAsync("ip", "link", "add", "codobench", "type", "veth", "peer", "name", "eth0", "netns", Namespace);
        await RunAsync("ip", "address", "add", "198.19.255.1/24", "dev", "codobench");
        await RunAsync("ip", "link", "set", "codobench", "up");
        await RunAsync([.. Inside, "ip", "link", "set", "lo", "up"]);
        await RunAsync([.. Inside, "ip", "address", "add", Target + "/24", "dev", "eth0"]);
        await RunAsync([.. Inside, "ip", "link", "set", "eth0", "up"]);
        foreach (var part in (string[])["4/30", "8/29", "16/28", "32/27", "64/26", "128/25"])
            await RunAsync([.. Inside, "ip", "route", "add", "local", Target[..^1] + part, "dev", "lo"]);
        const string Script = """
            import socket, sys
            held = []
            for part in sys.argv[1].split(','):
                first, _, last = part.partition('-')
                for port in range(int(first), int(last or first) + 1):
                    s = socket.socket(socket.AF_INET6)
                    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
                    s.bind(('::', port))
                    s.listen(4096)
                    held.append(s)
            print('ready', flush=True)
            import selectors
            chosen = selectors.DefaultSelector()
            for s in held:
                chosen.register(s, selectors.EVENT_READ)
            while True:
                for key, _ in chosen.select():
                    key.fileobj.accept()[0].close()
            """;
        _listener = Process.Start(new ProcessStartInfo("ip", [.. Inside[1..], "python3", "-c", Script, OpenPorts]) { RedirectStandardOutput = true })!;
        await _listener.StandardOutput.ReadLineAsync();
    }

    private static Process? _listener;

    private static async Task TearDownAsync()
    {
        _listener?.Kill(entireProcessTree: true);
        _listener = null;
        await RunAsync("sh", "-c", $"ip link delete codobench 2>/dev/null; ip netns delete {Namespace} 2>/dev/null; true");
    }

    private static async Task<string> CompileAsync()
    {
        var folder = Path.Combine(Repository.Root, "artifacts", "bench");
        Directory.CreateDirectory(folder);
        var program = Path.Combine(folder, "connect_scan");
        await RunAsync("gcc", "-O2", "-o", program, Path.Combine(Repository.Root, "bench", "Scanning", "connect_scan.c"));
        return program;
    }

    private static async Task<string> RunAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', command)}: exit code {process.ExitCode}: {await error}");
    }
}

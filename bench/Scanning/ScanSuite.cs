using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Scanning;

/// <summary>
/// <c>codonet scan</c> as a whole process beside nmap's and loops in C, in network namespaces of the suite's own. A run that does not find exactly the open ports counts
/// for nothing: it is told, and not timed.
/// </summary>
internal static class ScanSuite
{
    private const string Namespace = "codonet-bench";
    private const string Target = "198.19.255.2";
    private const string FarTarget = "198.19.254.2";
    private const int RoundTripMilliseconds = 40;
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
        var (connect, syn, link) = (await CProgram.CompileAsync("Scanning", "connect_scan"), await CProgram.CompileAsync("Scanning", "syn_scan"), await CProgram.CompileAsync("Suite", "delay_link"));
        var report = new StringBuilder();
        report.Append(CultureInfo.InvariantCulture, $"# Port scans, {DateTime.UtcNow:yyyy-MM-dd}\n\n`./dev bench scan {settings.CommandLine}`\n\n{Machine.Description}.\n");
        report.Append("Seconds, medians of interleaved rounds, of whole processes; beside what is measured in process, ours is too (in brackets). How many times faster ours is are medians of the rounds' ratios.\n\n");
        report.Append("| case | who | seconds | exact runs | ours faster by | goal |\n|---|---|---|---|---|---|\n");
        await SetUpAsync(link);
        try
        {
            foreach (var scenario in Scenarios(connect, syn, settings.IsQuick).Where(scenario => settings.Only.Length == 0 || scenario.Name.Contains(settings.Only, StringComparison.Ordinal)))
                await MeasureAsync(report, scenario, settings);
            if (settings.Only.Length == 0 || settings.Only == "memory")
                await MeasureMemoryAsync(report);
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

    private static IEnumerable<ScanScenario> Scenarios(string c, string syn, bool isQuick)
    {
        // Inside a namespace, this machine's own address: nothing else listens there.
        yield return new("loopback, 65,535 ports", "", OpenCount,
        [
            new("codonet, connect", Inside, [Codonet, "scan", "127.0.0.1", "-p", "all", "--mode", "connect", "--json"]),
            new("C, socket used again", Inside, [c, "127.0.0.1", "1", "65535", "64", "reuse"]) { IsInProcess = true, Goal = 1 / 1.15 },
            new("C, new socket", Inside, [c, "127.0.0.1", "1", "65535", "64", "new"]) { IsInProcess = true },
            new("nmap -sT", Inside, ["nmap", "-n", "-Pn", "-sT", "-p", "1-65535", "127.0.0.1"]) { Goal = 2.2 },
            new("nmap -sT -T5 --min-parallelism 300", Inside, ["nmap", "-n", "-Pn", "-sT", "-T5", "--min-parallelism", "300", "-p", "1-65535", "127.0.0.1"]) { Goal = 2.2 },
        ]);
        yield return new("::1, 65,535 ports", "", OpenCount,
        [
            new("codonet, connect", Inside, [Codonet, "scan", "::1", "-p", "all", "--mode", "connect", "--json"]),
            new("C, socket used again", Inside, [c, "::1", "1", "65535", "64", "reuse"]) { IsInProcess = true, Goal = 1 / 1.15 },
        ]);
        yield return new("loopback, 65,535 ports, SYN", "", OpenCount,
        [
            new("codonet, SYN", Inside, [Codonet, "scan", "127.0.0.1", "-p", "all", "--mode", "syn", "--json"]),
            new("SYN in C", Inside, [syn, "127.0.0.1", "1", "65535", "512"]) { IsInProcess = true, Goal = 1 / 1.1 },
            new("nmap -sS -T4", Inside, ["nmap", "-n", "-Pn", "-sS", "-T4", "-p", "1-65535", "127.0.0.1"]) { Goal = 2.5 },
        ]);
        yield return new("veth, 65,535 ports", "", OpenCount,
        [
            new("codonet, connect", [], [Codonet, "scan", Target, "-p", "all", "--mode", "connect", "--rate", "max", "--json"]),
            new("C, socket used again", [], [c, Target, "1", "65535", "1024", "reuse"]) { IsInProcess = true, Goal = 1 / 1.15 },
            new("nmap -sT -T5 --min-parallelism 300", [], ["nmap", "-n", "-Pn", "-sT", "-T5", "--min-parallelism", "300", "-p", "1-65535", Target]) { Goal = 2.2 },
        ]);
        yield return new("veth, 65,535 ports, SYN", "", OpenCount,
        [
            new("codonet, SYN", [], [Codonet, "scan", Target, "-p", "all", "--mode", "syn", "--rate", "max", "--json"]),
            new("SYN in C", [], [syn, Target, "1", "65535", "512"]) { IsInProcess = true, Goal = 1 / 1.1 },
            new("nmap -sS -T4", [], ["nmap", "-n", "-Pn", "-sS", "-T4", "-p", "1-65535", Target]) { Goal = 2.5 },
        ]);
        yield return new($"{RoundTripMilliseconds} ms away, 65,535 ports", "", OpenCount,
        [
            new("codonet, connect", [], [Codonet, "scan", FarTarget, "-p", "all", "--mode", "connect", "--rate", "max", "--json"]),
            new("C, 4,096 sockets used again", [], [c, FarTarget, "1", "65535", "4096", "reuse"]) { IsInProcess = true },
            new("nmap -sT -T5 --min-parallelism 300", [], ["nmap", "-n", "-Pn", "-sT", "-T5", "--min-parallelism", "300", "-p", "1-65535", FarTarget]),
        ])
        { Most = 1.1 };
        const string Dropping = "tcp dport 1-1000 tcp dport != { 22, 80, 443, 500-516 } drop";
        yield return new("veth, 1,000 ports, 980 dropped", Dropping, 3,
        [
            new("codonet, connect", [], [Codonet, "scan", Target, "-p", "1-1000", "--mode", "connect", "--rate", "max", "--json"]),
            new("C, a wait of 1 s", [], [c, Target, "1", "1000", "1000", "reuse"]) { IsInProcess = true },
            new("nmap -sT -T5 --max-retries 1 --max-rtt-timeout 100ms", [], ["nmap", "-n", "-Pn", "-sT", "-T5", "--max-retries", "1", "--max-rtt-timeout", "100ms", "--min-parallelism", "300", "-p", "1-1000", Target]) { Goal = 1 },
        ]);
        yield return new("veth, 65,535 ports, 65,515 dropped", "tcp dport != { 22, 80, 443, 500-516 } drop", 3,
        [
            new("codonet, connect", [], [Codonet, "scan", Target, "-p", "all", "--mode", "connect", "--rate", "max", "--json"]),
            new("codonet, SYN", [], [Codonet, "scan", Target, "-p", "all", "--mode", "syn", "--rate", "max", "--json"]),
        ])
        { Rounds = 3 };
        yield return new("veth, 252 hosts, 100 ports", "", 252 * 4,
        [
            new("codonet, connect", [], [Codonet, "scan", Target, "198.19.255.4-254", "-p", "1-98,443,1024", "--mode", "connect", "--rate", "max", "--json"]),
            new("codonet, SYN", [], [Codonet, "scan", Target, "198.19.255.4-254", "-p", "1-98,443,1024", "--mode", "syn", "--rate", "max", "--json"]),
            new("nmap -sT -T5", [], ["nmap", "-n", "-Pn", "-sT", "-T5", "--min-parallelism", "300", "-p", "1-98,443,1024", "198.19.255.2,4-254"]),
            new("nmap -sS -T4", [], ["nmap", "-n", "-Pn", "-sS", "-T4", "-p", "1-98,443,1024", "198.19.255.2,4-254"]),
        ]);
        foreach (var mode in (string[])["connect", "syn"])
        {
            yield return new($"loopback, 65,535 ports, by {mode}: exact each time", "", OpenCount,
                [new($"codonet, {mode}", Inside, [Codonet, "scan", "127.0.0.1", "-p", "all", "--mode", mode, "--json"])])
            { Rounds = isQuick ? 5 : 100 };
        }
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
        var rounds = settings.IsQuick ? Math.Min(settings.Rounds, scenario.Rounds ?? settings.Rounds) : scenario.Rounds ?? settings.Rounds;
        var figures = scenario.Peers.Select(_ => new List<double>()).ToArray();
        var inProcess = new List<double>();
        var exact = new int[scenario.Peers.Length];
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < scenario.Peers.Length; i++)
            {
                var at = (i + round) % scenario.Peers.Length;
                var (open, seconds, alone) = await TimeAsync(scenario.Peers[at]);
                exact[at] += open == scenario.Open ? 1 : 0;
                figures[at].Add(open == scenario.Open ? seconds : double.NaN);
                if (at == 0)
                    inProcess.Add(open == scenario.Open ? alone : double.NaN);
            }
        }
        for (var i = 0; i < scenario.Peers.Length; i++)
        {
            var peer = scenario.Peers[i];
            var median = figures[i].Where(double.IsFinite).Median();
            var ratio = (peer.IsInProcess ? inProcess : figures[0]).Zip(figures[i], static (ours, its) => its / ours).Where(double.IsFinite).Median();
            var (text, goal) = i == 0
                ? ("", scenario.Most is { } most ? $"≤ {most} s: {Verdict(median <= most)}" : exact[0] == rounds ? "" : "not exact: **missed**")
                : (Statistics.Text(ratio), peer.Goal is { } least ? $"≥ {Statistics.Text(least)}: {Verdict(ratio >= least)}" : "");
            var alone = i == 0 ? string.Create(CultureInfo.InvariantCulture, $" ({inProcess.Where(double.IsFinite).Median():0.000})") : "";
            var row = string.Create(CultureInfo.InvariantCulture, $"| {(i == 0 ? scenario.Name : "")} | {peer.Name} | {median:0.000}{alone} | {exact[i]} of {rounds} | {text} | {goal} |");
            Console.Error.WriteLine(row);
            report.Append(row).Append('\n');
        }
    }

    private static string Verdict(bool isReached) => isReached ? "reached" : "**missed**";

    /// <summary>The most memory of a scan of a /16 that finds nothing, as the system counts it: findings are kept for the reports, and cost a few hundred bytes each.</summary>
    private static async Task MeasureMemoryAsync(StringBuilder report)
    {
        const int Most = 40;
        const string Script = """
            import resource, subprocess, sys
            lines = subprocess.run(sys.argv[1:], check=True, stdout=subprocess.PIPE).stdout
            print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, lines.split(b'\n')[-2].decode())
            """;
        foreach (var mode in (string[])["connect", "syn"])
        {
            var output = await RunAsync("python3", "-c", Script, Codonet, "scan", "198.18.0.0/16", "-p", "23,24", "--mode", mode, "--rate", "max", "--discover", "never", "--json");
            var parts = output.Split(' ', 2);
            var summary = JsonDocument.Parse(parts[1]).RootElement.GetProperty("summary");
            var mebibytes = int.Parse(parts[0], CultureInfo.InvariantCulture) / 1024.0;
            report.Append(CultureInfo.InvariantCulture, $"| veth, a /16, 2 ports, memory | codonet, {mode} | {summary.GetProperty("elapsedMs").GetDouble() / 1000:0.000} | {summary.GetProperty("closed").GetInt32()} closed | {mebibytes:0.0} MiB | ≤ {Most} MiB: {Verdict(mebibytes <= Most)} |\n");
        }
    }

    /// <summary>How many open ports a scanner found, its seconds, and of ours those of the scan alone.</summary>
    private static async Task<(int Open, double Seconds, double Alone)> TimeAsync(ScanPeer peer)
    {
        var start = Stopwatch.GetTimestamp();
        var output = await RunAsync([.. peer.Where, .. peer.Command]);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        if (peer.Command[0] == "nmap")
            return (output.Split('\n').Count(static line => line.Contains("/tcp", StringComparison.Ordinal) && line.Contains(" open ", StringComparison.Ordinal)), seconds, double.NaN);
        if (peer.Command[0] != Codonet)
            return (int.Parse(output.Split(' ')[0], CultureInfo.InvariantCulture), double.Parse(output.Split(' ')[1], CultureInfo.InvariantCulture), double.NaN);
        var summary = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]).RootElement.GetProperty("summary");
        return (summary.GetProperty("open").GetInt32(), seconds, summary.GetProperty("elapsedMs").GetDouble() / 1000);
    }

    private static async Task SetUpAsync(string link)
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
        await RunAsync([.. Inside, "ip", "route", "add", "local", "198.18.0.0/16", "dev", "lo"]);
        await RunAsync("ip", "route", "add", "198.18.0.0/16", "via", Target);
        _link = Process.Start(new ProcessStartInfo(link, [Namespace, $"{RoundTripMilliseconds / 2}"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        if (await _link.StandardOutput.ReadLineAsync() != "ready")
            throw new InvalidOperationException("There is no tunnel device (/dev/net/tun).");
        await RunAsync("ip", "address", "add", FarTarget[..^1] + "1/30", "dev", "codotun");
        await RunAsync("ip", "link", "set", "codotun", "up", "txqueuelen", "100000");
        await RunAsync([.. Inside, "ip", "address", "add", FarTarget + "/30", "dev", "codotun"]);
        await RunAsync([.. Inside, "ip", "link", "set", "codotun", "up", "txqueuelen", "100000"]);
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
    private static Process? _link;

    private static async Task TearDownAsync()
    {
        _listener?.Kill(entireProcessTree: true);
        _link?.Kill();
        (_listener, _link) = (null, null);
        await RunAsync("sh", "-c", $"ip link delete codobench 2>/dev/null; ip netns delete {Namespace} 2>/dev/null; true");
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

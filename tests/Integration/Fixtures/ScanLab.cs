using System.Diagnostics;
using System.Net;
using System.Net.NetworkInformation;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>
/// A host to be scanned: a network namespace of its own behind a pair of virtual interfaces, with listeners and firewall rules as a test wants them. Needs root. Disposing
/// it takes everything away.
/// </summary>
internal sealed class ScanLab : IAsyncDisposable
{
    private static int _made;

    private readonly string _name;
    private readonly int _network;
    private readonly List<Process> _processes = [];

    private ScanLab(int number)
    {
        _network = (Environment.ProcessId * 7 + number) % 512;
        // A run that was killed may have left its own behind, and would be scanned in the place of this one.
        while (IsTaken)
            _network = (_network + 64) % 512;
        _name = $"cn{Environment.ProcessId % 100000:x}{number:x}";
    }

    /// <summary>Its IPv4 network, out of the range that is for tests of networks (RFC 2544).</summary>
    public string Network => $"198.{18 + _network / 256}.{_network % 256}.0/24";

    /// <summary>Its IPv4 address.</summary>
    public string Address => $"198.{18 + _network / 256}.{_network % 256}.2";

    /// <summary>Its IPv6 address.</summary>
    public string Address6 => $"fd00:c0de:{_network:x}::2";

    private string HostEnd => _name + "h";

    private bool IsTaken
    {
        get
        {
            var near = IPAddress.Parse(Address[..^1] + "1");
            return NetworkInterface.GetAllNetworkInterfaces().Any(one => one.GetIPProperties().UnicastAddresses.Any(address => address.Address.Equals(near)));
        }
    }

    public static async Task<ScanLab> StartAsync()
    {
        var lab = new ScanLab(Interlocked.Increment(ref _made));
        try
        {
            await RunAsync("ip", "netns", "add", lab._name);
            await RunAsync("ip", "link", "add", lab.HostEnd, "type", "veth", "peer", "name", "eth0", "netns", lab._name);
            await RunAsync("ip", "address", "add", lab.Address[..^1] + "1/24", "dev", lab.HostEnd);
            await RunAsync("ip", "address", "add", lab.Address6[..^1] + "1/64", "dev", lab.HostEnd, "nodad");
            await RunAsync("ip", "link", "set", lab.HostEnd, "up");
            await lab.InsideAsync("ip", "link", "set", "lo", "up");
            await lab.InsideAsync("ip", "address", "add", lab.Address + "/24", "dev", "eth0");
            await lab.InsideAsync("ip", "address", "add", lab.Address6 + "/64", "dev", "eth0", "nodad");
            await lab.InsideAsync("ip", "link", "set", "eth0", "up");
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a program inside to its end.</summary>
    public Task<string> InsideAsync(params string[] command) => RunAsync("ip", ["netns", "exec", _name, .. command]);

    /// <summary>Replaces the firewall's rules: statements of a chain that sees what comes in, and of one that sees what goes out.</summary>
    public async Task FirewallAsync(string incoming, string outgoing = "")
    {
        var rules = $"flush ruleset\ntable inet scan {{\nchain in {{\ntype filter hook input priority 0;\n{incoming}\n}}\nchain out {{\ntype filter hook output priority 0;\n{outgoing}\n}}\n}}\n";
        await RulesAsync(rules);
    }

    public async Task RulesAsync(string rules)
    {
        using var file = new ServerFolder();
        var path = Path.Combine(file.Path, "rules.nft");
        await File.WriteAllTextAsync(path, rules);
        await InsideAsync("nft", "-f", path);
    }

    /// <summary>Lifts the limits on ICMP messages, of which a host otherwise sends a handful a second.</summary>
    public async Task UnlimitIcmpAsync()
    {
        await InsideAsync("sysctl", "-qw", "net.ipv4.icmp_ratelimit=0", "net.ipv4.icmp_msgs_per_sec=100000", "net.ipv4.icmp_msgs_burst=100000", "net.ipv6.icmp.ratelimit=0");
    }

    /// <summary>Makes it answer for every address of its IPv4 network from the fourth on; the first is this end's.</summary>
    public async Task AnswerForNetworkAsync()
    {
        foreach (var part in (string[])["4/30", "8/29", "16/28", "32/27", "64/26", "128/25"])
            await InsideAsync("ip", "route", "add", "local", Address[..^1] + part, "dev", "lo");
    }

    /// <summary>The rate at which packets get to the namespace.</summary>
    public Task ShapeAsync(params string[] discipline) => RunAsync("tc", ["qdisc", "replace", "dev", HostEnd, "root", .. discipline]);

    /// <summary>Cuts the line.</summary>
    public Task CutAsync() => InsideAsync("ip", "link", "set", "eth0", "down");

    /// <summary>Listens: <c>22,80,100-140,u53</c>. What connects is closed at once; a datagram comes back.</summary>
    public async Task ListenAsync(string ports)
    {
        const string Script = """
            import selectors, socket, sys
            chosen = selectors.DefaultSelector()
            for part in sys.argv[1].split(','):
                kind = socket.SOCK_DGRAM if part[0] == 'u' else socket.SOCK_STREAM
                first, _, last = part.lstrip('u').partition('-')
                for port in range(int(first), int(last or first) + 1):
                    s = socket.socket(socket.AF_INET6, kind)
                    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
                    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    s.bind(('::', port))
                    if kind == socket.SOCK_STREAM:
                        s.listen(1024)
                    s.setblocking(False)
                    chosen.register(s, selectors.EVENT_READ, kind)
            print('ready', flush=True)
            while True:
                for key, _ in chosen.select():
                    try:
                        if key.data == socket.SOCK_STREAM:
                            key.fileobj.accept()[0].close()
                        else:
                            data, peer = key.fileobj.recvfrom(2048)
                            key.fileobj.sendto(b'hello', peer)
                    except OSError:
                        pass
            """;
        var process = Process.Start(new ProcessStartInfo("ip", ["netns", "exec", _name, "python3", "-c", Script, ports]) { RedirectStandardOutput = true })!;
        _processes.Add(process);
        if (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) != "ready")
            throw new InvalidOperationException($"Nothing listens on {ports}.");
    }

    /// <summary>
    /// Holds whoever connects to some ports: connections are accepted, and what is sent is never taken. The kernel, which knows of none of them, is kept from breaking them off.
    /// </summary>
    public async Task TarpitAsync(int first, int last)
    {
        await FirewallAsync("", $"tcp sport {first}-{last} tcp flags & rst == rst drop");
        const string Script = """
            import socket, struct, sys
            first, last = int(sys.argv[1]), int(sys.argv[2])
            raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
            print('ready', flush=True)
            while True:
                packet = raw.recv(65535)
                source, target = packet[12:16], packet[16:20]
                segment = packet[(packet[0] & 15) * 4:]
                theirs, ours, sequence, acknowledged, _, flags = struct.unpack('!HHIIBB', segment[:14])
                if not first <= ours <= last or flags & 4:
                    continue
                if flags & 2:
                    reply = struct.pack('!HHIIBBHHH', ours, theirs, 1, sequence + 1 & 0xffffffff, 0x50, 0x12, 0, 0, 0)
                elif len(segment) > (segment[12] >> 4) * 4:
                    reply = struct.pack('!HHIIBBHHH', ours, theirs, 2, sequence, 0x50, 0x10, 0, 0, 0)
                else:
                    continue
                pseudo = target + source + struct.pack('!BBH', 0, 6, len(reply))
                total = sum(struct.unpack('!%dH' % ((len(pseudo) + len(reply)) // 2), pseudo + reply))
                total = (total >> 16) + (total & 0xffff)
                total = ~(total + (total >> 16)) & 0xffff
                raw.sendto(reply[:16] + struct.pack('!H', total) + reply[18:], (socket.inet_ntoa(source), 0))
            """;
        var process = Process.Start(new ProcessStartInfo("ip", ["netns", "exec", _name, "python3", "-c", Script, $"{first}", $"{last}"]) { RedirectStandardOutput = true })!;
        _processes.Add(process);
        if (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) != "ready")
            throw new InvalidOperationException("There is no tarpit.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            process.Dispose();
        }
        await TryRunAsync("ip", "link", "delete", HostEnd);
        await TryRunAsync("ip", "netns", "delete", _name);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var (code, output) = await TryRunAsync(program, arguments);
        return code == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {code}: {output}");
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

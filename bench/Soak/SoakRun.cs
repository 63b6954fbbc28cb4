using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Soak;

/// <summary>
/// Two servers in processes of their own, one that lives as long as the run and one that is drained with SIGTERM and started again, each for frames in clear and through TLS. Clients of
/// ours that keep to the rules talk to them while others do not.
/// </summary>
/// <remarks>
/// <para>
/// What the contract promises: a frame that was given to a handler is answered, in order and once, and one that was not answered was given to none, unless the connection
/// was broken or the deadline of the drain has passed. So a client that sends again what was not answered when a connection has ended has every frame served exactly once: the
/// servers look at the numbers of each client, over all their lives.
/// </para>
/// <para>Beside that: no sockets and descriptors are left, and memory stays where it was.</para>
/// </remarks>
internal sealed class SoakRun(TimeSpan time, int seed)
{
    private static readonly TimeSpan ShortLife = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan LongLife = TimeSpan.FromSeconds(20);

    /// <summary>What heap and resident memory may grow by from the second quarter of the run to the last, in KiB.</summary>
    private const long HeapGrowth = 3 * 1024;
    private const long ResidentGrowth = 32 * 1024;

    private readonly List<string> _problems = [];
    private readonly List<(TimeSpan At, Vitals Server, Vitals Clients)> _samples = [];
    private readonly Dictionary<long, long> _taken = [];
    private readonly List<TimeSpan> _drains = [];
    private int _brokenOff;

    public async Task<int> RunAsync()
    {
        using var authority = new TestCertificateAuthority();
        var folder = Directory.CreateTempSubdirectory("soak-").FullName;
        var (certificate, key) = (Path.Combine(folder, "cert.pem"), Path.Combine(folder, "key.pem"));
        authority.WritePem(authority.Issue(), certificate, key);
        int[] ports = [FreePort(), FreePort(), FreePort(), FreePort()];
        using var steady = await ServerChild.StartAsync(ports[0], ports[1], certificate, key);
        var restarted = await ServerChild.StartAsync(ports[2], ports[3], certificate, key);
        var before = Sockets(steady);

        using var enough = new CancellationTokenSource();
        using var enoughFaults = new CancellationTokenSource();
        var trust = new TlsOptions { TrustedRoots = [authority.Root] };
        var clients = Enumerable.Range(0, 32).Select(i => new FaithfulClient(i + 1, ports[i % 4], tls: i % 2 == 1, window: i / 4 % 2 == 0 ? 1 : 64, trust, seed + i)).ToArray();
        var talking = clients.Select(client => Task.Run(() => client.RunAsync(enough.Token))).ToArray();
        var disturbing = Enumerable.Range(0, 24).Select(i => Task.Run(() => new Faults(ports[i % 2 * 2], ports[i % 2 * 2 + 1], seed - i).RunAsync(enoughFaults.Token))).ToArray();

        var clock = Stopwatch.StartNew();
        var life = time < TimeSpan.FromMinutes(2) ? ShortLife : LongLife;
        for (var next = life; clock.Elapsed < time; next += life)
        {
            await Task.Delay(TimeSpan.FromTicks(Math.Max(0, (next - clock.Elapsed).Ticks)));
            _samples.Add((clock.Elapsed, await steady.VitalsAsync(), Vitals.Take(0)));
            await EndLifeAsync(restarted);
            restarted.Dispose();
            restarted = await ServerChild.StartAsync(ports[2], ports[3], certificate, key);
        }
        await enoughFaults.CancelAsync();
        await Task.WhenAll(disturbing);
        await enough.CancelAsync();
        await Task.WhenAll(talking);
        await NothingIsLeftAsync(steady, before);
        await EndLifeAsync(restarted);
        await EndLifeAsync(steady);
        restarted.Dispose();
        Directory.Delete(folder, recursive: true);

        foreach (var client in clients)
        {
            _problems.AddRange(client.Violations);
            if (_taken.GetValueOrDefault(client.Id) != client.Answered)
                _problems.Add($"client {client.Id}: {_taken.GetValueOrDefault(client.Id)} frames were taken and {client.Answered} answered");
            if (client.Answered == 0)
                _problems.Add($"client {client.Id} got nowhere");
            // Nothing ever happens to the server that these talk to.
            if (client.Id % 4 is 1 or 2 && client.Connections != 1)
                _problems.Add($"client {client.Id} lost {client.Connections - 1} connections to the server that stayed: {string.Join(", ", client.Ends)}");
        }
        _problems.AddRange(Faults.Violations);
        CheckMemory();
        Report(clients, clock.Elapsed);
        return _problems.Count == 0 ? 0 : 1;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>Drains a server, and looks whether what it has taken goes on where its last life ended.</summary>
    private async Task EndLifeAsync(ServerChild server)
    {
        var (life, took) = await server.TerminateAsync();
        _drains.Add(took);
        _brokenOff += life.BrokenOff;
        _problems.AddRange(life.Violations);
        foreach (var (client, taken) in life.Clients)
        {
            if (taken.First != _taken.GetValueOrDefault(client) + 1)
                _problems.Add($"client {client}: {taken.First} came after {_taken.GetValueOrDefault(client)}, which was taken before the server was stopped");
            _taken[client] = taken.Last;
        }
    }

    /// <summary>Everybody has left: so have their sockets and descriptors.</summary>
    private async Task NothingIsLeftAsync(ServerChild steady, int before)
    {
        string[] sockets = [];
        var (open, after) = (0, 0);
        for (var tries = 0; tries < 60; tries++)
        {
            (open, after) = ((await steady.VitalsAsync()).Open, Sockets(steady));
            sockets = [.. await Vitals.SocketsAsync(steady.Id), .. await Vitals.SocketsAsync(Environment.ProcessId)];
            if (open == 0 && sockets.Length == 0 && after == before)
                return;
            await Task.Delay(500);
        }
        _problems.Add($"{open} connections, {sockets.Length} sockets and {after - before} descriptors of sockets are left:\n{string.Join('\n', sockets.Take(10))}\n{string.Join('\n', Vitals.DescriptorsOf(steady.Id))}");
    }

    private static int Sockets(ServerChild server) => Vitals.DescriptorsOf(server.Id).Count(static path => path.StartsWith("socket:", StringComparison.Ordinal));

    private void CheckMemory()
    {
        var quarter = _samples.Count / 4;
        if (quarter < 2)
            return;
        foreach (var (name, of) in ((string, Func<(TimeSpan, Vitals Server, Vitals Clients), Vitals>)[])[("server", static sample => sample.Server), ("clients", static sample => sample.Clients)])
        {
            Vitals[] early = [.. _samples.Skip(quarter).Take(quarter).Select(of)], late = [.. _samples.TakeLast(quarter).Select(of)];
            if (Median(late, static v => v.Heap) - Median(early, static v => v.Heap) is var heap and > HeapGrowth)
                _problems.Add($"the heap of the {name} grew by {heap} KiB");
            if (Median(late, static v => v.Resident) - Median(early, static v => v.Resident) is var resident and > ResidentGrowth)
                _problems.Add($"the resident memory of the {name} grew by {resident} KiB");
        }
    }

    private static long Median(Vitals[] vitals, Func<Vitals, long> of) => vitals.Select(of).Order().ElementAt(vitals.Length / 2);

    private void Report(FaithfulClient[] clients, TimeSpan took)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            Seed {seed}; {took.TotalSeconds:0} s; {clients.Sum(static client => client.Answered):N0} frames answered to {clients.Length} clients over {clients.Sum(static client => client.Connections):N0} connections; {_drains.Count} drains, the longest {_drains.Max().TotalSeconds:0.0} s, {_brokenOff} connections broken off in them.

            | after | server: heap KiB | RSS KiB | descriptors | threads | clients: heap KiB | RSS KiB | descriptors |
            |---|---|---|---|---|---|---|---|
            """));
        var step = Math.Max(1, _samples.Count / 15);
        foreach (var (at, server, own) in _samples.Where((_, i) => i % step == 0 || i == _samples.Count - 1))
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {at.TotalSeconds:0} s | {server.Heap:N0} | {server.Resident:N0} | {server.Descriptors} | {server.Threads} | {own.Heap:N0} | {own.Resident:N0} | {own.Descriptors} |"));
        Console.WriteLine($"\n| fault | times |\n|---|---|\n{string.Join('\n', Faults.Counts.OrderBy(static pair => pair.Key).Select(static pair => $"| {pair.Key} | {pair.Value} |"))}");
        var ends = clients.SelectMany(static client => client.Ends).GroupBy(static pair => pair.Key, static pair => pair.Value).OrderBy(static group => group.Key);
        Console.WriteLine($"\nHow connections of the {clients.Length} clients ended: {string.Join(", ", ends.Select(static group => $"{group.Key} {group.Sum()}"))}.");
        Console.WriteLine(_problems.Count == 0 ? "\nEvery frame was served once and answered; nothing is left open; memory stayed." : $"\n{_problems.Count} problems:\n{string.Join('\n', _problems.Take(50))}");
    }
}

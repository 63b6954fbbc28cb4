using System.Diagnostics;
using Codomyrmex.Networking.Benchmarks.Suite;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Benchmarks.Ssh;

/// <summary>The server, on its core, the files, in memory, and a relay by which the server is a long way off.</summary>
internal sealed class SshPlace : IAsyncDisposable
{
    public const string Cipher = "aes128-gcm@openssh.com";
    private const int SmallFiles = 2000;

    /// <summary>The round trip to the server by way of the relay.</summary>
    public const int FarMilliseconds = 50;

    /// <summary>The small files that go the long way.</summary>
    public const int FarFiles = 100;

    private readonly OpenSshServer _server;
    private readonly Process _relay;
    private readonly int _farPort;

    private SshPlace(OpenSshServer server, Process relay, int farPort, string folder, int bytes, int farBytes)
    {
        (_server, _relay, _farPort, Folder, Bytes, FarBytes) = (server, relay, farPort, folder, bytes, farBytes);
    }

    public string Folder { get; }

    public int Bytes { get; }

    /// <summary>The size of the file that goes the long way.</summary>
    public int FarBytes { get; }

    public string Source => Path.Combine(Folder, "source");

    public string FarSource => Path.Combine(Folder, "far-source");

    /// <summary>The arguments by which a worker finds its server.</summary>
    public string[] Arguments => [$"{_server.Port}", _server.User, _server.KeyFile, KnownHosts, Folder, $"{_farPort}"];

    private string KnownHosts => Path.Combine(Folder, "known_hosts");

    /// <summary>The options of OpenSSH's clients, for a shell.</summary>
    public string ToolOptions(string port, bool isFar = false) =>
        $"-F none -q {port} {(isFar ? _farPort : _server.Port)} -i {_server.KeyFile} -o UserKnownHostsFile={KnownHosts} -o GlobalKnownHostsFile=none -o BatchMode=yes -o Ciphers={Cipher}";

    public string At => $"{_server.User}@127.0.0.1";

    public static async Task<SshPlace> MakeAsync(int bytes)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"codomyrmex-bench-ssh-{Environment.ProcessId}")).FullName;
        // Commands are measured, and not what this machine's user has the shell do before each.
        var server = await OpenSshServer.StartAsync(new OpenSshServerOptions { Configuration = [$"SetEnv HOME={folder}"] });
        using (var pin = Process.Start(new ProcessStartInfo("taskset", ["-a", "-p", "-c", Cores.Server, $"{server.ProcessId}"]) { RedirectStandardOutput = true })!)
            await pin.WaitForExitAsync();
        var farPort = server.Port == 65535 ? 65534 : server.Port + 1;
        var relay = Process.Start(new ProcessStartInfo("taskset", ["-c", Cores.Server, await CProgram.CompileAsync("Suite", "delay_relay"), $"{farPort}", $"{server.Port}", $"{FarMilliseconds / 2}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        if (await relay.StandardOutput.ReadLineAsync() != "ready")
            throw new InvalidOperationException($"The relay has no port {farPort}.");
        var place = new SshPlace(server, relay, farPort, folder, bytes, bytes / 8);
        var known = await File.ReadAllTextAsync(server.KnownHostsFile);
        await File.WriteAllTextAsync(place.KnownHosts, known + known.Replace($":{server.Port} ", $":{farPort} ", StringComparison.Ordinal));
        var content = new byte[bytes];
        new Random(1).NextBytes(content);
        await File.WriteAllBytesAsync(place.Source, content);
        await File.WriteAllBytesAsync(place.FarSource, content[..place.FarBytes]);
        Directory.CreateDirectory(Path.Combine(folder, "small"));
        Directory.CreateDirectory(Path.Combine(folder, "far-small"));
        for (var i = 0; i < FarFiles; i++)
            await File.WriteAllBytesAsync(Path.Combine(folder, "far-small", $"{i}"), content[..4096]);
        for (var i = 0; i < SmallFiles; i++)
            await File.WriteAllBytesAsync(Path.Combine(folder, "small", $"{i}"), content[..4096]);
        return place;
    }

    /// <summary>Clears away what the run before left.</summary>
    public void Clear()
    {
        foreach (var name in (string[])["up", "down"])
            File.Delete(Path.Combine(Folder, name));
        if (Directory.Exists(Path.Combine(Folder, "tree")))
            Directory.Delete(Path.Combine(Folder, "tree"), recursive: true);
    }

    /// <summary>Throws where a task did not do what it says.</summary>
    public void Check(string verb, string peer)
    {
        var isDone = verb switch
        {
            "up" => new FileInfo(Path.Combine(Folder, "up")) is { Exists: true } file && file.Length == Bytes,
            "down" => new FileInfo(Path.Combine(Folder, "down")) is { Exists: true } file && file.Length == Bytes,
            "far-up" => new FileInfo(Path.Combine(Folder, "up")) is { Exists: true } file && file.Length == FarBytes,
            "far-down" => new FileInfo(Path.Combine(Folder, "down")) is { Exists: true } file && file.Length == FarBytes,
            "far-small" => Directory.EnumerateFiles(Path.Combine(Folder, "tree"), "*", SearchOption.AllDirectories).Count() == FarFiles,
            "small" => Directory.EnumerateFiles(Path.Combine(Folder, "tree"), "*", SearchOption.AllDirectories).Count() == SmallFiles,
            _ => true,
        };
        if (!isDone)
            throw new InvalidOperationException($"{peer} did not do '{verb}'.");
    }

    public async ValueTask DisposeAsync()
    {
        _relay.StandardInput.Close();
        await _relay.WaitForExitAsync();
        _relay.Dispose();
        await _server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

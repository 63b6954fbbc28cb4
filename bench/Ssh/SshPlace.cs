using System.Diagnostics;
using Codomyrmex.Networking.Benchmarks.Suite;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Benchmarks.Ssh;

/// <summary>The server, on its core, and the files, in memory.</summary>
internal sealed class SshPlace : IAsyncDisposable
{
    public const string Cipher = "aes128-gcm@openssh.com";
    private const int SmallFiles = 2000;

    private readonly OpenSshServer _server;

    private SshPlace(OpenSshServer server, string folder, int bytes)
    {
        (_server, Folder, Bytes) = (server, folder, bytes);
    }

    public string Folder { get; }

    public int Bytes { get; }

    public string Source => Path.Combine(Folder, "source");

    /// <summary>The arguments by which a worker finds its server.</summary>
    public string[] Arguments => [$"{_server.Port}", _server.User, _server.KeyFile, _server.KnownHostsFile, Folder];

    /// <summary>The options of OpenSSH's clients, for a shell.</summary>
    public string ToolOptions(string port) =>
        $"-F none -q {port} {_server.Port} -i {_server.KeyFile} -o UserKnownHostsFile={_server.KnownHostsFile} -o GlobalKnownHostsFile=none -o BatchMode=yes -o Ciphers={Cipher}";

    public string At => $"{_server.User}@127.0.0.1";

    public static async Task<SshPlace> MakeAsync(int bytes)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"codomyrmex-bench-ssh-{Environment.ProcessId}")).FullName;
        var server = await OpenSshServer.StartAsync();
        using (var pin = Process.Start(new ProcessStartInfo("taskset", ["-a", "-p", "-c", Cores.Server, $"{server.ProcessId}"]) { RedirectStandardOutput = true })!)
            await pin.WaitForExitAsync();
        var place = new SshPlace(server, folder, bytes);
        var content = new byte[bytes];
        new Random(1).NextBytes(content);
        await File.WriteAllBytesAsync(place.Source, content);
        Directory.CreateDirectory(Path.Combine(folder, "small"));
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
            "small" => Directory.EnumerateFiles(Path.Combine(Folder, "tree"), "*", SearchOption.AllDirectories).Count() == SmallFiles,
            _ => true,
        };
        if (!isDone)
            throw new InvalidOperationException($"{peer} did not do '{verb}'.");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

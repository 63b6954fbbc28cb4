using System.Diagnostics;
using System.Globalization;
using Codomyrmex.Networking.Ssh;
using Renci.SshNet;

namespace Codomyrmex.Networking.Benchmarks.Ssh;

/// <summary>The other end of <see cref="SshWorkerPeer"/>: a verb a line in, seconds and processor seconds out.</summary>
internal static class SshWorker
{
    public const int Commands = 50;
    public const int Connections = 5;
    public const int Parallel = 100;

    public static async Task<int> ServeAsync(string name, string[] arguments)
    {
        var work = name == "ours" ? OurWork(arguments) : EngineWork(arguments);
        while (await Console.In.ReadLineAsync() is { } verb)
        {
            var cpu = Process.GetCurrentProcess().TotalProcessorTime;
            var start = Stopwatch.GetTimestamp();
            await work(verb);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seconds} {(Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds}"));
        }
        return 0;
    }

    private static Func<string, Task> OurWork(string[] place)
    {
        var folder = place[4];
        var options = new SSHClientOptions
        {
            Port = int.Parse(place[0], CultureInfo.InvariantCulture),
            Credentials = [SSHCredential.KeyFile(place[2])],
            HostKeys = new HostKeyTrust { KnownHostsFiles = [place[3]] },
        };
        var ssh = new SSHClient("127.0.0.1", place[1], options with { MaxSessions = Parallel + 1 });
        // The way is long, but no longer than that of the tools: their time to connect is taken off.
        var far = new SSHClient("127.0.0.1", place[1], options with { Port = int.Parse(place[5], CultureInfo.InvariantCulture) });
        far.ConnectAsync().GetAwaiter().GetResult();
        return verb => verb switch
        {
            "far-up" => far.UploadAsync(folder + "/far-source", folder + "/up"),
            "far-down" => far.DownloadAsync(folder + "/far-source", folder + "/down"),
            "far-small" => SmallAsync(far, "/far-small"),
            "parallel" => Task.WhenAll(Enumerable.Range(0, Parallel).Select(_ => ssh.RunAsync("true"))),
            "up" => ssh.UploadAsync(folder + "/source", folder + "/up"),
            "down" => ssh.DownloadAsync(folder + "/source", folder + "/down"),
            "small" => SmallAsync(ssh, "/small"),
            "exec" => RepeatAsync(Commands, () => ssh.RunAsync("true")),
            _ => RepeatAsync(Connections, async () => await (await SSHClient.ConnectAsync("127.0.0.1", place[1], options: options)).DisposeAsync()),
        };

        async Task SmallAsync(SSHClient client, string name)
        {
            await using var files = await client.OpenSftpAsync();
            await files.UploadDirectoryAsync(folder + name, folder + "/tree");
        }
    }

    // The engine as its own users would tune it: the fast cipher first, large buffers, several files at a time.
    private static Func<string, Task> EngineWork(string[] place)
    {
        var folder = place[4];
        // Its commands hold a thread each.
        ThreadPool.SetMinThreads(Parallel + Environment.ProcessorCount, Environment.ProcessorCount);
        var (ssh, sftp) = (new SshClient(NewConnection(place)), new SftpClient(NewConnection(place)) { BufferSize = 65536 });
        ssh.Connect();
        sftp.Connect();
        return verb =>
        {
            switch (verb)
            {
                case "up":
                    using (var source = File.OpenRead(folder + "/source"))
                        sftp.UploadFile(source, folder + "/up");
                    return Task.CompletedTask;
                case "down":
                    using (var target = File.Create(folder + "/down"))
                        sftp.DownloadFile(folder + "/source", target);
                    return Task.CompletedTask;
                case "small":
                    sftp.CreateDirectory(folder + "/tree");
                    return System.Threading.Tasks.Parallel.ForEachAsync(Directory.EnumerateFiles(folder + "/small"), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (path, token) =>
                    {
                        await using var source = File.OpenRead(path);
                        sftp.UploadFile(source, folder + "/tree/" + Path.GetFileName(path));
                    });
                case "parallel":
                    return System.Threading.Tasks.Parallel.ForAsync(0, Parallel, new ParallelOptions { MaxDegreeOfParallelism = Parallel }, (_, _) =>
                    {
                        ssh.RunCommand("true").Dispose();
                        return default;
                    });
                case "exec":
                    for (var i = 0; i < Commands; i++)
                        ssh.RunCommand("true").Dispose();
                    return Task.CompletedTask;
                default:
                    for (var i = 0; i < Connections; i++)
                    {
                        using var client = new SshClient(NewConnection(place));
                        client.Connect();
                    }
                    return Task.CompletedTask;
            }
        };
    }

    private static ConnectionInfo NewConnection(string[] place)
    {
        var connection = new ConnectionInfo("127.0.0.1", int.Parse(place[0], CultureInfo.InvariantCulture), place[1], new PrivateKeyAuthenticationMethod(place[1], new PrivateKeyFile(place[2])));
        foreach (var name in connection.Encryptions.Keys.Where(name => name != SshPlace.Cipher).ToList())
            connection.Encryptions.Remove(name);
        return connection;
    }

    private static async Task RepeatAsync(int times, Func<Task> step)
    {
        for (var i = 0; i < times; i++)
            await step();
    }
}

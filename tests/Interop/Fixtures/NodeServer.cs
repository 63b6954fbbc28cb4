using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Interop.Fixtures;

/// <summary>A cloud service's stand-in from npm, as <c>./dev setup</c> installs it.</summary>
internal sealed class NodeServer : IAsyncDisposable
{
    private readonly ServerProcess _process;

    private NodeServer(ServerProcess process, int port) => (_process, Port) = (process, port);

    public int Port { get; }

    /// <summary>Azure's blobs; the account and its key are the well-known ones of its documentation.</summary>
    public static Task<NodeServer> AzuriteAsync() => StartAsync("azurite/dist/src/blob/main.js",
        port => ["--blobHost", "127.0.0.1", "--blobPort", $"{port}", "--silent", "--skipApiVersionCheck", "--inMemoryPersistence"]);

    /// <summary>S3, with one bucket; the key is <c>S3RVER</c> with both names.</summary>
    public static Task<NodeServer> S3Async(string bucket) => StartAsync("s3rver/bin/s3rver.js",
        port => ["--address", "127.0.0.1", "--port", $"{port}", "--directory", "data", "--silent", "--no-vhost-buckets", "--configure-bucket", bucket]);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task<NodeServer> StartAsync(string script, Func<int, string[]> arguments)
    {
        var path = Path.Combine(Root(), "artifacts/npm/node_modules", script);
        if (!File.Exists(path))
            throw new InvalidOperationException($"{script} is not installed: run ./dev setup.");
        var folder = new ServerFolder();
        Directory.CreateDirectory(folder["data"]);
        var port = ServerProcess.FreePort();
        return new NodeServer(await ServerProcess.StartAsync(folder, port, "/usr/bin/node", [path, .. arguments(port)]), port);
    }

    private static string Root()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Codomyrmex.Networking.slnx")))
                return directory.FullName;
        }
        throw new InvalidOperationException("The tests run from within the repository.");
    }
}

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>s3rver: the API of S3 over a folder. It reads signatures of version 4, and does not check them.</summary>
internal sealed class S3Server : IAsyncDisposable
{
    public const string Key = "S3RVER";

    private readonly ServerProcess _process;

    private S3Server(ServerProcess process, int port)
    {
        _process = process;
        Url = $"http://127.0.0.1:{port}/";
    }

    public string Url { get; }

    public static async Task<S3Server> StartAsync()
    {
        var port = ServerProcess.FreePort();
        var folder = new ServerFolder();
        var process = await ServerProcess.StartAsync(folder, port, NodeServers.Node, NodeServers.Module("s3rver/bin/s3rver.js"),
            "--directory", folder["data"], "--address", "127.0.0.1", "--port", $"{port}", "--no-vhost-buckets", "--configure-bucket", "bucket");
        return new S3Server(process, port);
    }

    public void Kill() => _process.Kill();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}

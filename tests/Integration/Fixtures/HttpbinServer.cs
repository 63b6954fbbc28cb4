namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>httpbin under gunicorn: an HTTP server in another language that others wrote.</summary>
internal sealed class HttpbinServer : IAsyncDisposable
{
    private readonly ServerProcess _process;

    private HttpbinServer(ServerProcess process, int port)
    {
        _process = process;
        Url = $"http://127.0.0.1:{port}/";
    }

    public string Url { get; }

    public static async Task<HttpbinServer> StartAsync()
    {
        var port = ServerProcess.FreePort();
        var process = await ServerProcess.StartAsync(new ServerFolder(), port, "/usr/bin/gunicorn", "httpbin:app", "-b", $"127.0.0.1:{port}",
            "--worker-class", "gthread", "--threads", "8", "--keep-alive", "30", "--graceful-timeout", "1");
        return new HttpbinServer(process, port);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}

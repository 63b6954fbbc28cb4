namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>Azurite: the blob storage of Azure, which checks the signature of every request.</summary>
internal sealed class AzuriteServer : IAsyncDisposable
{
    public const string Account = "account1";

    private readonly ServerProcess _process;

    private AzuriteServer(ServerProcess process, int port)
    {
        _process = process;
        Url = $"http://127.0.0.1:{port}/{Account}/";
    }

    public string Url { get; }

    /// <summary>The account's key: one for this process alone.</summary>
    public static byte[] Key { get; } = System.Security.Cryptography.RandomNumberGenerator.GetBytes(64);

    public static async Task<AzuriteServer> StartAsync()
    {
        var port = ServerProcess.FreePort();
        var folder = new ServerFolder();
        var process = await ServerProcess.StartAsync(folder, port, "/usr/bin/env", $"AZURITE_ACCOUNTS={Account}:{Convert.ToBase64String(Key)}", NodeServers.Node,
            NodeServers.Module("azurite/dist/src/blob/main.js"), "--blobHost", "127.0.0.1", "--blobPort", $"{port}", "--location", folder.Path, "--silent", "--skipApiVersionCheck",
            "--disableTelemetry");
        return new AzuriteServer(process, port);
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}

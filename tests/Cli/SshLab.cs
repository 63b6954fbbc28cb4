using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Cli;

/// <summary>A private sshd that commands are run against.</summary>
public sealed class SshLab : IAsyncLifetime
{
    private OpenSshServer? _server;

    public OpenSshServer Server => _server!;

    public string Target => $"{Server.User}@{Server.Host}:{Server.Port}";

    /// <summary>The options with which the server is trusted and lets one in.</summary>
    public string[] Trusted => ["--key", Server.KeyFile, "--known-hosts", Server.KnownHostsFile];

    public async ValueTask InitializeAsync()
    {
        if (OpenSshServer.IsInstalled)
            _server = await OpenSshServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    /// <summary>Fails a test where there is no OpenSSH.</summary>
    public void Demand() => Assert.True(_server is not null, "OpenSSH is missing: run ./dev setup.");

    /// <summary>The path of a new file on the server.</summary>
    public string NewPath(string name) => Path.Combine(Server.Folder, $"{Guid.NewGuid():N}-{name}");
}

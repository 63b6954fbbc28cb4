using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Integration.Ssh;

/// <summary>Clients of a private server.</summary>
internal static class Connected
{
    public static SSHClientOptions Options(OpenSshServer server) => new()
    {
        Port = server.Port,
        Credentials = [SSHCredential.KeyFile(server.KeyFile)],
        HostKeys = new HostKeyTrust { KnownHostsFiles = [server.KnownHostsFile] },
    };

    public static Task<SSHClient> ToAsync(OpenSshServer server, Func<SSHClientOptions, SSHClientOptions>? change = null) =>
        SSHClient.ConnectAsync(server.Host, server.User, options: change is null ? Options(server) : change(Options(server)), cancellationToken: TestContext.Current.CancellationToken);
}

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>dante: SOCKS 4 (without 4a) and 5. Its users are the system's own, so tests can show it credentials that it rejects, and no others.</summary>
internal static class DanteProxy
{
    /// <param name="port">The port to listen on.</param>
    /// <param name="method">The authentication asked for: <c>none</c> or <c>username</c>.</param>
    /// <param name="blockedPort">A port that its rules block.</param>
    public static Task<ServerProcess> StartAsync(int port, string method, int blockedPort)
    {
        var folder = new ServerFolder();
        var configuration = folder.Write("danted.conf", $$"""
            logoutput: stderr
            internal: 127.0.0.1 port = {{port}}
            external: 127.0.0.1
            clientmethod: none
            socksmethod: {{method}}
            user.privileged: {{Environment.UserName}}
            user.unprivileged: {{(Environment.IsPrivilegedProcess ? "nobody" : Environment.UserName)}}
            client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
            socks block { from: 127.0.0.0/8 to: 0.0.0.0/0 port = {{blockedPort}} }
            socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }

            """);
        return ServerProcess.StartAsync(folder, port, "/usr/sbin/danted", "-f", configuration, "-p", folder["danted.pid"]);
    }
}

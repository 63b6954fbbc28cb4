namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>squid: an HTTP proxy that tunnels to any port of the loopback interface.</summary>
internal static class SquidProxy
{
    public const string User = "user";
    public const string Password = "s3cret pass";

    /// <summary>A hash of <see cref="Password"/>, as <c>openssl passwd -apr1 -salt codonet1</c> makes it.</summary>
    private const string PasswordHash = "$apr1$codonet1$Ur1WHRo0iG5frtLt6StSa0";

    /// <param name="port">The port to listen on.</param>
    /// <param name="withCredentials">Whether clients need <see cref="User"/> and <see cref="Password"/>.</param>
    /// <param name="certificatePem">Certificate and key, to speak TLS with clients.</param>
    public static Task<ServerProcess> StartAsync(int port, bool withCredentials, string? certificatePem = null)
    {
        var folder = new ServerFolder();
        var listen = certificatePem is null
            ? $"http_port 127.0.0.1:{port}"
            : $"https_port 127.0.0.1:{port} tls-cert={folder.Write("certificate.pem", certificatePem)}";
        var access = withCredentials
            ? $"""
                auth_param basic program /usr/lib/squid/basic_ncsa_auth {folder.Write("users", $"{User}:{PasswordHash}\n")}
                auth_param basic children 1 startup=1 idle=1
                auth_param basic realm test
                acl known proxy_auth REQUIRED
                http_access allow known local
                """
            : "http_access allow local";
        var configuration = folder.Write("squid.conf", $"""
            {listen}
            acl local dst 127.0.0.0/8
            {access}
            http_access deny all
            cache deny all
            cache_log {(OperatingSystem.IsWindows() ? "NUL" : "/dev/null")}
            access_log none
            cache_store_log none
            pid_filename none
            coredump_dir {folder.Path}
            netdb_filename none
            pinger_enable off
            shutdown_lifetime 0 seconds
            visible_hostname proxy.test

            """);
        // -N: no daemon. Started by root, it becomes the user it was built for by itself; it refuses to stay root.
        return ServerProcess.StartAsync(folder, port, "/usr/sbin/squid", "-N", "-d", "1", "-f", configuration);
    }
}

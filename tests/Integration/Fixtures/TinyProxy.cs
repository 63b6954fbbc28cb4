namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>tinyproxy: a small HTTP proxy that answers CONNECT in HTTP/1.0.</summary>
internal static class TinyProxy
{
    public const string User = "user";
    public const string Password = "tiny-s3cret";

    /// <param name="port">The port to listen on.</param>
    /// <param name="connectPort">The only port it tunnels to.</param>
    /// <param name="withCredentials">Whether clients need <see cref="User"/> and <see cref="Password"/>.</param>
    public static Task<ServerProcess> StartAsync(int port, int connectPort, bool withCredentials)
    {
        var folder = new ServerFolder();
        var configuration = folder.Write("tinyproxy.conf", $"""
            Port {port}
            Listen 127.0.0.1
            Timeout 30
            LogLevel Info
            MaxClients 20
            Allow 127.0.0.1
            ConnectPort {connectPort}
            {(withCredentials ? $"BasicAuth {User} {Password}" : "")}

            """);
        return ServerProcess.StartAsync(folder, port, "/usr/bin/tinyproxy", "-d", "-c", configuration);
    }
}

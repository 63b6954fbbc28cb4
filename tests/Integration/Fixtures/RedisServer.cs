using System.Globalization;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>redis-server in memory alone, on a port of the loopback interface.</summary>
internal static class RedisServer
{
    public static Task<ServerProcess> StartAsync(int port) => ServerProcess.StartAsync(new ServerFolder(), port, "/usr/bin/redis-server",
        "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no");
}

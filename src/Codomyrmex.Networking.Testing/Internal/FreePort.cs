using System.Net;
using System.Net.Sockets;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Ports for servers that cannot choose one themselves.</summary>
internal static class FreePort
{
    /// <summary>A port of 127.0.0.1 that was free a moment ago.</summary>
    public static int Next()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

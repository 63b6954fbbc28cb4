using System.Net;

namespace Codomyrmex.Networking.Fleet.Internal.Agents;

/// <summary>Where an agent is. Only its address and port are told: how it is spoken to is for each side to know, and cannot be talked down.</summary>
internal static class AgentAddress
{
    /// <summary>In the form of <see cref="Rpc.RpcServer"/> and <see cref="Rpc.RpcConnection"/>.</summary>
    public static string Write(IPEndPoint place, AgentSite site) => $"{(site.Certificates is null ? "tcp" : "tls")}://{place}";

    /// <summary>Address and port alone.</summary>
    public static string Shorten(string address) => address[(address.IndexOf("://", StringComparison.Ordinal) + 3)..];
}

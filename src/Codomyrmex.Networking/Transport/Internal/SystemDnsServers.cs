using System.Net;
using System.Net.NetworkInformation;
using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>The DNS servers that the operating system is configured with.</summary>
internal static class SystemDnsServers
{
    private const int Port = 53;

    internal static IReadOnlyList<IPEndPoint> Read()
    {
        var addresses = OperatingSystem.IsWindows() ? OfInterfaces() : OfResolvConf();
        return [.. addresses.Distinct().Select(static address => new IPEndPoint(address, Port))];
    }

    private static IReadOnlyList<IPAddress> OfResolvConf()
    {
        try
        {
            return ResolvConf.ReadServers(File.ReadAllText("/etc/resolv.conf"));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return ResolvConf.ReadServers("");
        }
    }

    private static List<IPAddress> OfInterfaces()
    {
        var addresses = new List<IPAddress>();
        foreach (var network in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (network.OperationalStatus != OperationalStatus.Up || network.NetworkInterfaceType == NetworkInterfaceType.Loopback)
                continue;
            // Windows fills an IPv6 interface without servers with deprecated site-local addresses that nothing listens on (RFC 3879).
            addresses.AddRange(network.GetIPProperties().DnsAddresses.Where(static address => !address.IsIPv6SiteLocal));
        }
        return addresses.Count > 0 ? addresses : [IPAddress.Loopback];
    }
}

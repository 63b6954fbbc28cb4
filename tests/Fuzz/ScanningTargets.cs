using System.Text;
using Codomyrmex.Networking.Scanning;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>What a scanner reads of its operator, and of whoever it asks.</summary>
internal static class ScanningTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("port-set", ReadPorts) { Words = ["u:", "T:", "top:", "all", "!", "-", ",", "65535", "65536", "0", "ssh", "http*"] },
        new("scan-target", ReadTarget) { Words = ["10.0.0.0", "/8", "/0", "-", "::", "2001:db8::", "%eth0", "example.com", ".255", "://", ":80", "[", "]"] },
        new("scan-scope", ReadScope) { Words = ["\"allow\":[", "\"deny\":[", "\"ports\":\"", "\"from\":\"2026-11-01\"", "10.0.0.0/8", "*.test", "u:53", "]", "}", ","], Iterations = 5_000 },
    ];

    private static void ReadPorts(byte[] input)
    {
        var ports = PortSet.Parse(Encoding.UTF8.GetString(input));
        Promise.Keep(ports.Count > 0 && ports.Tcp.Count <= 65535 && ports.Udp.Count <= 65535, "a set has ports, and not more than there are");
        Promise.Keep(PortSet.Parse(ports.ToString()).Equals(ports), "what a set says of itself reads back");
    }

    private static void ReadTarget(byte[] input)
    {
        ScanTargets targets = Encoding.UTF8.GetString(input);
        Promise.Keep(targets.AddressCount <= ScanTargets.MostAddresses, "targets are limited");
        Promise.Keep(targets.AddressCount > 0 != targets.Names.Count > 0, "a target has a name or addresses");
        if (targets.AddressCount == 0)
            return;
        Promise.Keep(targets.IndexOf(targets.AddressAt(targets.AddressCount - 1)) == targets.AddressCount - 1, "an address has its index");
        Promise.Keep(((ScanTargets)targets.ToString()).ToString() == targets.ToString(), "what targets say of themselves reads back");
    }

    private static void ReadScope(byte[] input) => _ = ScanScope.Parse(Encoding.UTF8.GetString(input)).CheckHost("example.com");
}

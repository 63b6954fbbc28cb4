namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>IPv4 before IPv6, each in ascending order.</summary>
internal sealed class AddressOrder : IComparer<IPBits>
{
    public static AddressOrder Instance { get; } = new();

    public int Compare(IPBits x, IPBits y) => x.IsIPv4 != y.IsIPv4 ? (x.IsIPv4 ? -1 : 1) : x.Value.CompareTo(y.Value);
}

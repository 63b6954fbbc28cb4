using System.Net;

namespace Codomyrmex.Networking.Security;

/// <summary>A range of addresses with a purpose of its own.</summary>
/// <param name="Network">The range.</param>
/// <param name="Name">What it is for, in words (<c>private use</c>).</param>
/// <param name="Reference">The RFC that defines it (<c>RFC 1918</c>); null for what a cloud provider defined.</param>
/// <param name="IsGloballyReachable">
/// What IANA's registry says: whether packets to it may cross the internet. Anycast services such as AS112 are, and so is what a
/// NAT64 translates; <see cref="EgressPolicy.PublicInternetOnly"/> judges the latter by the IPv4 address inside and denies the rest.
/// </param>
public sealed record SpecialUseRange(IPNetwork Network, string Name, string? Reference, bool IsGloballyReachable)
{
    internal Cidr Range { get; } = Cidr.Of(Network);

    /// <summary><c>private use, RFC 1918</c>.</summary>
    internal string Label => Reference is null ? Name : $"{Name}, {Reference}";

    /// <summary><c>10.0.0.0/8 is private use (RFC 1918)</c>.</summary>
    public override string ToString() => Reference is null ? $"{Network} is {Name}" : $"{Network} is {Name} ({Reference})";
}

namespace Codomyrmex.Networking.Testing;

/// <summary>A question that a <see cref="ScriptedDnsServer"/> got.</summary>
/// <param name="Name">The name as it was asked, without the last dot.</param>
/// <param name="Type">The record type: 1 is A, 28 is AAAA (RFC 1035, section 3.2.2; RFC 3596).</param>
/// <param name="OverTcp">Whether it came over TCP.</param>
/// <param name="Occurrence">How often this name and type have been asked by now, this time included, without case.</param>
public sealed record ScriptedDnsQuestion(string Name, int Type, bool OverTcp, int Occurrence)
{
    /// <summary>The type of IPv4 addresses.</summary>
    public const int A = 1;

    /// <summary>The type of IPv6 addresses.</summary>
    public const int Aaaa = 28;
}

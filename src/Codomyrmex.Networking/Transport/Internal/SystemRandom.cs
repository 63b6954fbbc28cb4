using System.Runtime.CompilerServices;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// Numbers that nobody can guess, of the system's generator: for the few that a scan needs. The platform's cryptography has the same, and OpenSSL is loaded for it, which takes
/// longer than a small scan and as much memory as half of one.
/// </summary>
internal static class SystemRandom
{
    /// <summary>60 random bits of 64.</summary>
    public static ulong NextUInt64() => (ulong)NextUInt128();

    /// <summary>122 random bits of 128 (RFC 9562, section 5.4).</summary>
    public static UInt128 NextUInt128() => Unsafe.BitCast<Guid, UInt128>(Guid.NewGuid());
}

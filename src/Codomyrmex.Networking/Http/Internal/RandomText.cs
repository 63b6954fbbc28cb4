using System.Security.Cryptography;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Unpredictable text for nonces.</summary>
internal static class RandomText
{
    public static string Hex(int bytes) => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(bytes));
}

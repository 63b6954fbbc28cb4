using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>The names of a host in <c>known_hosts</c>: plain, with a port, hashed (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).</summary>
internal static class HostNames
{
    public const int DefaultPort = 22;
    private const string HashMark = "|1|";
    private const int HashBytes = 20;

    /// <summary><c>host</c>, or <c>[host]:port</c> where the port is not 22; in lower case.</summary>
    public static string Of(string host, int port) => port == DefaultPort
        ? host.ToLowerInvariant()
        : string.Create(CultureInfo.InvariantCulture, $"[{host.ToLowerInvariant()}]:{port}");

    /// <summary>Why a field cannot name hosts, or null.</summary>
    public static string? Problem(ReadOnlySpan<char> field) => IsHashed(field) && !TryReadHash(field, out _, out _) ? "its hashed name is malformed" : null;

    public static bool Matches(ReadOnlySpan<char> field, string name)
    {
        if (!IsHashed(field))
            return NamePattern.ListMatches(field.ToString().ToLowerInvariant(), name);
        return TryReadHash(field, out var salt, out var hash) && CryptographicOperations.FixedTimeEquals(hash, Hash(salt, name));
    }

    /// <summary>The name hashed under a new salt, so that the file does not tell which hosts are known.</summary>
    public static string Hashed(string name)
    {
        var salt = RandomNumberGenerator.GetBytes(HashBytes);
        return $"{HashMark}{Convert.ToBase64String(salt)}|{Convert.ToBase64String(Hash(salt, name))}";
    }

    private static bool IsHashed(ReadOnlySpan<char> field) => field.StartsWith('|');

    private static bool TryReadHash(ReadOnlySpan<char> field, out byte[] salt, out byte[] hash)
    {
        (salt, hash) = (new byte[HashBytes], new byte[HashBytes]);
        if (!field.StartsWith(HashMark))
            return false;
        var rest = field[HashMark.Length..];
        var bar = rest.IndexOf('|');
        return bar > 0 && Decode(rest[..bar], salt) && Decode(rest[(bar + 1)..], hash);
    }

    private static bool Decode(ReadOnlySpan<char> base64, byte[] bytes) =>
        base64.Length == 28 && Convert.TryFromBase64Chars(base64, bytes, out var length) && length == HashBytes;

    // The format's only hash. It hides names; nothing is authenticated by it.
    private static byte[] Hash(byte[] salt, string name) => HMACSHA1.HashData(salt, Encoding.UTF8.GetBytes(name));
}

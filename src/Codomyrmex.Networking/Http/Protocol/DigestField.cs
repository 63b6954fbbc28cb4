namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>The fields <c>Repr-Digest</c> and <c>Content-Digest</c> (RFC 9530): dictionaries of hashes as byte sequences (RFC 9651).</summary>
internal static class DigestField
{
    private const string Key = "sha-256=:";
    private const int HashBytes = 32;

    /// <summary>The SHA-256 that a field holds; null where it holds none that can be read.</summary>
    public static byte[]? Sha256(ReadOnlySpan<char> field)
    {
        Span<byte> hash = stackalloc byte[HashBytes];
        // Byte sequences have no commas, and no other member holds a hash that is looked for.
        foreach (var range in field.Split(','))
        {
            var member = field[range].Trim();
            if (!member.StartsWith(Key, StringComparison.Ordinal))
                continue;
            var value = member[Key.Length..];
            var end = value.IndexOf(':');
            if (end >= 0 && Convert.TryFromBase64Chars(value[..end], hash, out var length) && length == HashBytes)
                return hash.ToArray();
        }
        return null;
    }

    public static string Text(ReadOnlySpan<byte> sha256) => $"{Key}{Convert.ToBase64String(sha256)}:";
}

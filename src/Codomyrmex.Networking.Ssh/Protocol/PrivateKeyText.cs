using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>Writes private keys as OpenSSH does (PROTOCOL.key), not encrypted.</summary>
internal static class PrivateKeyText
{
    private const int LineLength = 70;
    private const int BlockBytes = 8;

    /// <param name="publicKey">The public half's blob.</param>
    /// <param name="privateFields">What follows the type in the private part.</param>
    /// <param name="type">The key's type.</param>
    /// <param name="comment">What the key is called.</param>
    public static byte[] Write(ReadOnlySpan<byte> publicKey, string type, ReadOnlySpan<byte> privateFields, string comment)
    {
        var check = BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4));
        var secret = new WireWriter().UInt32(check).UInt32(check).Text(type).Raw(privateFields).Text(comment);
        for (byte pad = 1; secret.Written.Length % BlockBytes != 0; pad++)
            secret.Byte(pad);
        var file = new WireWriter().Raw("openssh-key-v1\0"u8).Text("none").Text("none").Text("").UInt32(1).String(publicKey).String(secret.Written);
        var text = Armour(file.Written);
        secret.Clear();
        file.Clear();
        return text;
    }

    private static byte[] Armour(ReadOnlySpan<byte> bytes)
    {
        var base64 = new char[(bytes.Length + 2) / 3 * 4];
        Convert.TryToBase64Chars(bytes, base64, out _);
        var text = new StringBuilder("-----BEGIN OPENSSH PRIVATE KEY-----\n");
        for (var at = 0; at < base64.Length; at += LineLength)
            text.Append(base64.AsSpan(at, Math.Min(LineLength, base64.Length - at))).Append('\n');
        var armoured = Encoding.ASCII.GetBytes(text.Append("-----END OPENSSH PRIVATE KEY-----\n").ToString());
        Array.Clear(base64);
        text.Clear();
        return armoured;
    }
}

using System.Buffers.Binary;
using System.Security.Cryptography;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh.Hostile;

/// <summary>AES-128-GCM in one direction (RFC 5647, with the length in the clear as OpenSSH has it), keys derived after RFC 4253, section 7.2.</summary>
internal sealed class GcmKeys : IDisposable
{
    public const int TagBytes = 16;

    private readonly AesGcm _cipher;
    private readonly byte[] _nonce;

    public GcmKeys(byte[] secret, byte[] hash, char key, char nonce)
    {
        // The first exchange's hash names the session.
        byte[] Derive(char letter) => SHA256.HashData(new WireWriter().Raw(secret).Raw(hash).Byte((byte)letter).Raw(hash).Written);
        _cipher = new AesGcm(Derive(key)[..16], TagBytes);
        _nonce = Derive(nonce)[..12];
    }

    public byte[] Seal(ReadOnlySpan<byte> payload)
    {
        var padding = 16 - (1 + payload.Length) % 16;
        padding += padding < 4 ? 16 : 0;
        var plain = new WireWriter().Byte((byte)padding).Raw(payload).Raw(new byte[padding]).ToArray();
        var packet = new byte[4 + plain.Length + TagBytes];
        BinaryPrimitives.WriteInt32BigEndian(packet, plain.Length);
        _cipher.Encrypt(_nonce, plain, packet.AsSpan(4, plain.Length), packet.AsSpan(4 + plain.Length), packet.AsSpan(0, 4));
        Count();
        return packet;
    }

    public byte[] Open(ReadOnlySpan<byte> head, ReadOnlySpan<byte> sealedBytes)
    {
        var plain = new byte[sealedBytes.Length - TagBytes];
        _cipher.Decrypt(_nonce, sealedBytes[..plain.Length], sealedBytes[plain.Length..], plain, head);
        Count();
        return plain;
    }

    public void Dispose() => _cipher.Dispose();

    private void Count() => BinaryPrimitives.WriteUInt64BigEndian(_nonce.AsSpan(4), BinaryPrimitives.ReadUInt64BigEndian(_nonce.AsSpan(4)) + 1);
}

namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>
/// An OpenSSH certificate (PROTOCOL.certkeys): what somebody says of a key. Reading one proves nothing; <see cref="CertificateRules"/> judges it.
/// </summary>
internal sealed class SshCertificate
{
    public const uint UserType = 1;
    public const uint HostType = 2;

    // OpenSSH's limit.
    private const int MostPrincipals = 256;

    private SshCertificate(SshPublicKey key, SshPublicKey authority) => (Key, Authority) = (key, authority);

    /// <summary>The key it is about.</summary>
    public SshPublicKey Key { get; }

    /// <summary>The key that signed it.</summary>
    public SshPublicKey Authority { get; }

    public ulong Serial { get; private init; }

    /// <summary>1 for users, 2 for hosts.</summary>
    public uint Kind { get; private init; }

    public required string KeyId { get; init; }

    public required IReadOnlyList<string> Principals { get; init; }

    /// <summary>Seconds since 1970; 0 for always.</summary>
    public ulong ValidAfter { get; private init; }

    /// <summary>Seconds since 1970; all bits set for always.</summary>
    public ulong ValidBefore { get; private init; }

    /// <summary>Names of options that whoever does not know them must refuse.</summary>
    public required IReadOnlyList<string> CriticalOptions { get; init; }

    public required byte[] SignedBytes { get; init; }

    /// <summary>The signature's own blob: algorithm and value.</summary>
    public required byte[] Signature { get; init; }

    /// <summary>Reads a certificate whose type the caller has seen.</summary>
    public static SshCertificate Parse(ReadOnlySpan<byte> blob)
    {
        var reader = new WireReader(blob);
        var plain = KeyTypes.Plain(reader.Text());
        _ = reader.String(); // the nonce, which only makes the signed bytes unforeseeable
        var key = ReadKey(ref reader, plain);
        var serial = reader.UInt64();
        var kind = reader.UInt32();
        var keyId = reader.Text();
        var principals = ReadTexts(reader.String());
        var (validAfter, validBefore) = (reader.UInt64(), reader.UInt64());
        var criticalOptions = ReadOptionNames(reader.String());
        _ = ReadOptionNames(reader.String()); // extensions, which may be passed over
        _ = reader.String(); // reserved
        var authority = SshPublicKey.ParsePlain(reader.String());
        var signed = blob[..^reader.Remaining];
        var signature = reader.String().ToArray();
        reader.End();
        return new(key, authority)
        {
            Serial = serial,
            Kind = kind,
            KeyId = keyId,
            Principals = principals,
            ValidAfter = validAfter,
            ValidBefore = validBefore,
            CriticalOptions = criticalOptions,
            SignedBytes = signed.ToArray(),
            Signature = signature,
        };
    }

    /// <summary>The key's fields stand in a certificate without their type and without a length: they are put together again.</summary>
    private static SshPublicKey ReadKey(ref WireReader reader, string plain)
    {
        var fields = plain switch
        {
            KeyTypes.Ed25519 => 1,
            KeyTypes.Rsa or KeyTypes.Nistp256 or KeyTypes.Nistp384 or KeyTypes.Nistp521 or KeyTypes.SecurityKeyEd25519 => 2,
            KeyTypes.SecurityKeyEcdsa => 3,
            KeyTypes.Dsa => 4,
            _ => throw new FormatException($"There is no certificate for keys of type '{Printable.Text(plain)}'."),
        };
        var blob = new WireWriter().Text(plain);
        for (var i = 0; i < fields; i++)
            blob.String(reader.String());
        return SshPublicKey.ParsePlain(blob.Written);
    }

    private static List<string> ReadTexts(ReadOnlySpan<byte> packed)
    {
        var texts = new List<string>();
        for (var reader = new WireReader(packed); reader.Remaining > 0;)
        {
            if (texts.Count == MostPrincipals)
                throw new FormatException($"A certificate has more than {MostPrincipals} principals.");
            texts.Add(reader.Text());
        }
        return texts;
    }

    private static List<string> ReadOptionNames(ReadOnlySpan<byte> packed)
    {
        var names = new List<string>();
        for (var reader = new WireReader(packed); reader.Remaining > 0;)
        {
            names.Add(reader.Text());
            _ = reader.String();
        }
        return names;
    }
}

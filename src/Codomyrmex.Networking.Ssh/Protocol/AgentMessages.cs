using System.Buffers.Binary;
using System.Text;

namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>Messages of the SSH agent protocol (draft-ietf-sshm-ssh-agent): what is asked and what comes back. Keys are listed and used, never added or taken away.</summary>
internal static class AgentMessages
{
    /// <summary>The most that a message may have, as OpenSSH's agent has it.</summary>
    public const int LongestMessage = 256 * 1024;

    private const byte Failure = 5;
    private const byte RequestIdentities = 11;
    private const byte IdentitiesAnswer = 12;
    private const byte SignRequest = 13;
    private const byte SignResponse = 14;
    private const uint UseSha256 = 2;
    private const uint UseSha512 = 4;

    // More than a server lets anybody try.
    private const int MostIdentities = 1024;

    /// <summary>Asks which keys there are.</summary>
    public static byte[] List() => Framed(new WireWriter().Byte(RequestIdentities));

    /// <summary>Asks for a signature.</summary>
    /// <param name="key">The blob of the key, as the agent listed it.</param>
    /// <param name="data">What to sign.</param>
    /// <param name="algorithm">By which algorithm; only RSA keys have a choice.</param>
    public static byte[] Sign(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, string algorithm)
    {
        var flags = KeyTypes.Plain(algorithm) switch { KeyTypes.RsaSha256 => UseSha256, KeyTypes.RsaSha512 => UseSha512, _ => 0u };
        return Framed(new WireWriter().Byte(SignRequest).String(key).String(data).UInt32(flags));
    }

    /// <summary>How long an answer is, from its first four bytes.</summary>
    /// <exception cref="FormatException">It is empty, or too long.</exception>
    public static int Length(ReadOnlySpan<byte> head)
    {
        var length = BinaryPrimitives.ReadUInt32BigEndian(head);
        return length is > 0 and <= LongestMessage ? (int)length : throw new FormatException($"The agent answers with {length} bytes.");
    }

    /// <summary>The keys of an answer; those of which nothing can be made here are left out.</summary>
    public static IReadOnlyList<AgentIdentity> ReadIdentities(ReadOnlySpan<byte> answer)
    {
        var reader = Open(answer, IdentitiesAnswer, "list its keys");
        var count = reader.UInt32();
        if (count > MostIdentities)
            throw new FormatException($"The agent has {count} keys.");
        var identities = new List<AgentIdentity>();
        for (var i = 0; i < count; i++)
        {
            var blob = reader.String();
            var comment = Encoding.UTF8.GetString(reader.String());
            if (Read(blob) is { } key)
                identities.Add(new(key, comment));
        }
        reader.End();
        return identities;
    }

    /// <summary>The signature of an answer: its algorithm and value, as it is sent on. It must be by the algorithm that was asked for.</summary>
    public static byte[] ReadSignature(ReadOnlySpan<byte> answer, string algorithm)
    {
        var reader = Open(answer, SignResponse, "sign");
        var signature = reader.String();
        reader.End();
        var fields = new WireReader(signature);
        var made = fields.Text();
        // An old agent that knows no flags signs with SHA-1.
        return made == KeyTypes.Plain(algorithm)
            ? signature.ToArray()
            : throw new FormatException($"The agent signed by '{Printable.Text(made, 60)}', and was asked for '{KeyTypes.Plain(algorithm)}'.");
    }

    private static SshPublicKey? Read(ReadOnlySpan<byte> blob)
    {
        try
        {
            return SshPublicKey.Parse(blob);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static WireReader Open(ReadOnlySpan<byte> answer, byte expected, string verb)
    {
        var reader = new WireReader(answer);
        return reader.Byte() switch
        {
            var type when type == expected => reader,
            Failure => throw new FormatException($"The agent refuses to {verb}."),
            var type => throw new FormatException($"The agent answers with a message of type {type} when it is to {verb}."),
        };
    }

    private static byte[] Framed(WireWriter message) => new WireWriter().String(message.Written).ToArray();
}

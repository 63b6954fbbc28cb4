namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>How a server says which host keys it has, and proves that it has them (OpenSSH's PROTOCOL, section 2.5).</summary>
internal static class HostKeyProof
{
    /// <summary>The request by which a server names all its keys.</summary>
    public const string Announcement = "hostkeys-00@openssh.com";

    /// <summary>The request by which a client asks it to sign with some of them.</summary>
    public const string Question = "hostkeys-prove-00@openssh.com";

    /// <summary>A server has a handful of keys; each costs a line here and a signature there.</summary>
    public const int MostKeys = 32;

    /// <summary>The keys that a server says it has, each once. Keys of types that are not known here are among them; certificates, which nobody remembers, are not.</summary>
    /// <exception cref="FormatException">It is no list of keys, or too long a one.</exception>
    public static IReadOnlyList<SshPublicKey> ReadAnnouncement(ReadOnlySpan<byte> data)
    {
        var keys = new List<SshPublicKey>();
        var reader = new WireReader(data);
        for (var count = 0; reader.Remaining > 0; count++)
        {
            if (count == MostKeys)
                throw new FormatException($"A server says that it has more than {MostKeys} host keys.");
            var key = SshPublicKey.Parse(reader.String());
            if (key.Certificate is null && !keys.Contains(key))
                keys.Add(key);
        }
        return keys;
    }

    /// <summary>What belongs to the question: the keys to sign with.</summary>
    public static byte[] WriteQuestion(IEnumerable<SshPublicKey> keys)
    {
        var question = new WireWriter();
        foreach (var key in keys)
            question.String(key.Blob);
        return question.ToArray();
    }

    /// <summary>Whether an answer has a good signature by each key over this connection: what was signed for another connection proves nothing.</summary>
    /// <param name="answer">What came, without the message's number.</param>
    /// <param name="keys">The keys in the order in which they were asked for.</param>
    /// <param name="sessionId">The hash of the connection's first key exchange (RFC 4253, section 7.2).</param>
    /// <param name="ed25519">Verifies signatures of Ed25519.</param>
    public static bool Holds(ReadOnlySpan<byte> answer, IReadOnlyList<SshPublicKey> keys, ReadOnlySpan<byte> sessionId, Ed25519Verifier ed25519)
    {
        try
        {
            var reader = new WireReader(answer);
            foreach (var key in keys)
            {
                var signed = new WireWriter().Text(Question).String(sessionId).String(key.Blob);
                if (!SignatureCheck.Holds(key, signed.Written, reader.String(), ed25519))
                    return false;
            }
            reader.End();
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>How a protocol that begins in the clear is asked for TLS.</summary>
/// <param name="Lines">What is sent, each behind the answer to the one before.</param>
/// <param name="Yes">How the last answer begins where TLS may start.</param>
internal sealed record StartTls(byte[][] Lines, byte[] Yes)
{
    /// <summary>The greeting that mail servers want (RFC 5321, section 4.1.1.1); the name is one that nobody has (RFC 2606).</summary>
    public static readonly byte[] Hello = [.. "EHLO scan.invalid\r\n"u8];

    private static readonly StartTls Smtp = new([Hello, [.. "STARTTLS\r\n"u8]], [.. "220"u8]);
    private static readonly StartTls Imap = new([[.. "a STARTTLS\r\n"u8]], [.. "a OK"u8]);
    private static readonly StartTls Pop3 = new([[.. "STLS\r\n"u8]], [.. "+OK"u8]);
    private static readonly StartTls Ftp = new([[.. "AUTH TLS\r\n"u8]], [.. "234"u8]);

    /// <summary>For a protocol: RFC 3207, RFC 2595, RFC 4217; null where it is not asked.</summary>
    public static StartTls? For(string service) => service switch
    {
        "smtp" => Smtp,
        "imap" => Imap,
        "pop3" => Pop3,
        "ftp" => Ftp,
        _ => null,
    };

    /// <summary>Whether a reply is complete: its last line has no hyphen behind its number.</summary>
    public static bool IsReply(ReadOnlySpan<byte> received)
    {
        if (!received.EndsWith("\n"u8))
            return false;
        var last = received[(received[..^1].LastIndexOf((byte)'\n') + 1)..];
        return last.Length < 4 || last[3] != '-' || !char.IsAsciiDigit((char)last[0]);
    }
}

namespace Codomyrmex.Networking.Scanning.Protocol;

/// <summary>Recognises servers by what they say before they are asked anything.</summary>
internal static class Greeting
{
    // What mail and file servers call themselves, as their own documentation shows their greetings.
    private static readonly byte[][] Products =
    [
        [.. "vsFTPd"u8], [.. "ProFTPD"u8], [.. "Pure-FTPd"u8], [.. "FileZilla Server"u8], [.. "Microsoft FTP Service"u8], [.. "Postfix"u8], [.. "Exim"u8], [.. "Sendmail"u8],
        [.. "OpenSMTPD"u8], [.. "Haraka"u8], [.. "Microsoft ESMTP MAIL Service"u8], [.. "Dovecot"u8], [.. "Cyrus"u8], [.. "Courier"u8], [.. "hMailServer"u8], [.. "InterNetNews"u8],
    ];

    /// <summary>Reads a greeting; null where it is none that is known.</summary>
    /// <param name="bytes">What has arrived.</param>
    /// <param name="port">The port, which tells a mail server from a file server where the greeting does not.</param>
    public static ServiceFacts? Read(ReadOnlySpan<byte> bytes, int port)
    {
        var line = WireText.Line(bytes);
        return bytes switch
        {
            _ when SshHandshake.ReadIdentification(bytes) is { } ssh => ssh,
            _ when HttpPage.Read(bytes) is { } http => http,
            _ when MySqlGreeting.Read(bytes) is { } mysql => mysql,
            [0xFF, >= 0xFB and <= 0xFE, ..] => new ServiceFacts("telnet"),
            _ when line.StartsWith("RFB "u8) && line.Length >= 11 => Named("rfb", line) with { Version = WireText.Version(line[4..].TrimStart((byte)'0')) },
            _ when line.StartsWith("+OK"u8) => Mail("pop3", line),
            _ when line.StartsWith("* OK"u8) || line.StartsWith("* PREAUTH"u8) || line.StartsWith("* BYE"u8) => Mail("imap", line),
            _ when line.StartsWith("@RSYNCD: "u8) => Named("rsync", line) with { Version = WireText.Version(line[9..]) },
            _ when line.StartsWith("( success ( "u8) => Named("svn", line),
            _ when line.StartsWith("OK MPD "u8) => Named("mpd", line) with { Product = "MPD", Version = WireText.Version(line[7..]) },
            _ when line.StartsWith("Asterisk Call Manager/"u8) => Named("asterisk-manager", line) with { Product = "Asterisk", Version = WireText.Version(line[22..]) },
            _ when line.StartsWith("NOTICE AUTH "u8) || (line.StartsWith(":"u8) && line.IndexOf(" NOTICE "u8) > 0) => Named("ircd", line),
            _ when line.StartsWith("-"u8) && WireText.IndexOfIgnoringCase(line, "redis"u8) > 0 => Named("redis", line) with { Product = "Redis" },
            _ => Numbered(line, port),
        };
    }

    /// <summary>Greetings that begin with the three digits of a reply (RFC 5321, RFC 959, RFC 3977).</summary>
    private static ServiceFacts? Numbered(ReadOnlySpan<byte> line, int port)
    {
        if (line.Length < 4 || !IsReply(line))
            return null;
        var isNews = line.StartsWith("20"u8) && (port is 119 or 563 || WireText.IndexOfIgnoringCase(line, "nntp"u8) > 0 || WireText.IndexOfIgnoringCase(line, "news"u8) > 0);
        if (isNews)
            return Mail("nntp", line);
        if (!line.StartsWith("220"u8) && !line.StartsWith("421"u8) && !line.StartsWith("554"u8))
            return null;
        var isMail = WireText.IndexOfIgnoringCase(line, "SMTP"u8) > 0 || line.StartsWith("554"u8) || port is 25 or 26 or 465 or 587 or 2525;
        var isFile = WireText.IndexOfIgnoringCase(line, "FTP"u8) > 0 || port is 21 or 990 or 2121;
        return isMail == isFile ? null : Mail(isMail ? "smtp" : "ftp", line);
    }

    private static bool IsReply(ReadOnlySpan<byte> line) =>
        char.IsAsciiDigit((char)line[0]) && char.IsAsciiDigit((char)line[1]) && char.IsAsciiDigit((char)line[2]) && line[3] is (byte)' ' or (byte)'-';

    private static ServiceFacts Mail(string name, ReadOnlySpan<byte> line)
    {
        foreach (var product in Products)
        {
            var at = WireText.IndexOfIgnoringCase(line, product);
            if (at >= 0)
                return Named(name, line) with { Product = WireText.Of(product), Version = WireText.Version(line[(at + product.Length)..]) };
        }
        return Named(name, line);
    }

    private static ServiceFacts Named(string name, ReadOnlySpan<byte> line) => new(name) { Banner = WireText.Of(line) };
}

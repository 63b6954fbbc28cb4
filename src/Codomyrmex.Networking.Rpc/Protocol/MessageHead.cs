using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Rpc.Protocol;

/// <summary>The head that goes before a message on a stream: fields as those of HTTP, of which <c>Content-Length</c> counts.</summary>
internal static class MessageHead
{
    public const int Max = 4 * 1024;

    /// <summary>Where a head ends.</summary>
    /// <returns>Its length with the empty line; 0 where it is not all there.</returns>
    /// <exception cref="FormatException">It is too long.</exception>
    public static int Length(ReadOnlySpan<byte> received)
    {
        var end = received.IndexOf("\r\n\r\n"u8);
        if (end >= 0 ? end > Max : received.Length > Max)
            throw new FormatException($"sent a head longer than {Max} bytes");
        return end < 0 ? 0 : end + 4;
    }

    /// <summary>The length of the message behind a head.</summary>
    /// <exception cref="FormatException">It says none, or two.</exception>
    public static long ContentLength(ReadOnlySpan<byte> head)
    {
        long? length = null;
        foreach (var line in Encoding.Latin1.GetString(head).Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0)
                throw new FormatException("sent a head with a line that is no field");
            if (!line.AsSpan(0, colon).Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                continue;
            if (length is not null || !long.TryParse(line.AsSpan(colon + 1).Trim(' '), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                throw new FormatException("sent a head without one length");
            length = number;
        }
        return length ?? throw new FormatException("sent a head without a length");
    }

    public static byte[] Write(int length) => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n\r\n"));
}

using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>Makes text of a peer fit for a message: short, one line, no control characters that a terminal would obey.</summary>
internal static class PeerText
{
    /// <summary>The text with anything but printable ASCII escaped, cut after <paramref name="max"/> characters.</summary>
    public static string Escape(string text, int max = 120)
    {
        var escaped = new StringBuilder(Math.Min(text.Length, max));
        foreach (var c in text)
        {
            if (escaped.Length >= max)
                return escaped.Append("...").ToString();
            if (c is >= ' ' and <= '~')
                escaped.Append(c);
            else if (c <= 0xFF)
                escaped.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
            else
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        }
        return escaped.ToString();
    }
}

using System.Text;

namespace Codomyrmex.Networking.Tests.Conformance.Cases;

/// <summary>Sequences of octets that are UTF-8 (RFC 3629) and such that are not, with the octet that gives them away.</summary>
internal static class Utf8Sequences
{
    /// <summary>The edges of each length, of the surrogates and of the planes, and words.</summary>
    public static IReadOnlyList<byte[]> Valid { get; } =
    [
        .. ((int[])[0x00, 0x7F, 0x80, 0x7FF, 0x800, 0xFFF, 0x1000, 0xCFFF, 0xD000, 0xD7FF, 0xE000, 0xFFFD, 0x10000, 0x3FFFF, 0x40000, 0xFFFFF, 0x100000, 0x10FFFF])
            .Select(Encode),
        // Noncharacters are characters as far as UTF-8 goes.
        .. Enumerable.Range(0, 17).SelectMany(plane => (int[])[(plane << 16) | 0xFFFE, (plane << 16) | 0xFFFF]).Select(Encode),
        Wire.Utf8("Hello-µ@ßöäüàá-UTF-8!!"), Wire.Utf8("κόσμε"), Wire.Utf8("\uFEFFmark"), Wire.Utf8("日本語 текст 🦊🏳️‍🌈"),
    ];

    /// <summary>What is no UTF-8 wherever it stands, in hexadecimal.</summary>
    public static IReadOnlyList<string> Invalid { get; } =
    [
        // Continuations of nothing.
        "80", "BF", "80BF", "80BF80", "80BF80BF80BF80", string.Concat(Enumerable.Range(0x80, 64).Select(octet => octet.ToString("X2"))),
        // First octets with a space instead of what they announce.
        .. Enumerable.Range(0xC2, 0x33).Select(octet => $"{octet:X2}20"),
        // The last octet is missing.
        "EFBF20", "F48FBF20", "E18020", "F0908020", "E1C3", "F08FE1", "C3C3A9",
        // Octets that never occur.
        "C0", "C1", "F5", "F6", "F7", "F8", "F9", "FA", "FB", "FC", "FD", "FE", "FF", "FEFEFFFF",
        // Longer than need be.
        "C0AF", "E080AF", "F08080AF", "F8808080AF", "FC80808080AF", "C1BF", "E09FBF", "F08FBFBF", "F887BFBFBF", "FC83BFBFBFBF",
        "C080", "E08080", "F0808080", "F880808080", "FC8080808080",
        // Surrogates, alone and in pairs.
        "EDA080", "EDADBF", "EDAE80", "EDAFBF", "EDB080", "EDBE80", "EDBFBF",
        "EDA080EDB080", "EDA080EDBFBF", "EDADBFEDB080", "EDADBFEDBFBF", "EDAE80EDB080", "EDAE80EDBFBF", "EDAFBFEDB080", "EDAFBFEDBFBF",
        // Beyond the last plane.
        "F4908080", "F7BFBFBF", "F8888080", "FBBFBFBFBF", "FDBFBFBFBFBF",
    ];

    /// <summary>Beginnings of characters: wrong only because the message ends.</summary>
    public static IReadOnlyList<string> Unfinished { get; } = ["C2", "DF", "E0A0", "E1", "E180", "ED9F", "EFBF", "F090", "F09080", "F1", "F18080", "F48F", "F48FBF"];

    /// <summary>The index of the octet behind which nothing can make it UTF-8 any more (Unicode, table 3-7).</summary>
    public static int FirstBad(ReadOnlySpan<byte> octets)
    {
        for (var i = 0; i < octets.Length;)
        {
            var (more, least, most) = octets[i] switch
            {
                < 0x80 => (0, 0, 0),
                >= 0xC2 and <= 0xDF => (1, 0x80, 0xBF),
                0xE0 => (2, 0xA0, 0xBF),
                0xED => (2, 0x80, 0x9F),
                >= 0xE1 and <= 0xEF => (2, 0x80, 0xBF),
                0xF0 => (3, 0x90, 0xBF),
                0xF4 => (3, 0x80, 0x8F),
                >= 0xF1 and <= 0xF3 => (3, 0x80, 0xBF),
                _ => (-1, 0, 0),
            };
            if (more < 0)
                return i;
            i++;
            for (var k = 0; k < more && i < octets.Length; k++, i++, (least, most) = (0x80, 0xBF))
            {
                if (octets[i] < least || octets[i] > most)
                    return i;
            }
        }
        return -1;
    }

    private static byte[] Encode(int scalar) => Encoding.UTF8.GetBytes(new Rune(scalar).ToString());
}

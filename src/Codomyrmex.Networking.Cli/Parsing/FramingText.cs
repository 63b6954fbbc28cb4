using Codomyrmex.Networking.Sockets;

namespace Codomyrmex.Networking.Cli.Parsing;

/// <summary>Reads the name of a framing: <c>line</c>, <c>length:4</c>, <c>length:2le</c>, <c>delimiter:||</c> …</summary>
internal static class FramingText
{
    public static readonly string[] Names = ["line", "crlf", "raw", "length:4", "varint", "fixed:N", "delimiter:TEXT"];

    public static Framing Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (name, value) = colon < 0 ? (text, "") : (text[..colon], text[(colon + 1)..]);
        return (name, value) switch
        {
            ("line", "") => Framing.Lines,
            ("crlf", "") => Framing.CrLfLines,
            ("raw", "") => Framing.Raw,
            ("varint", "") => Framing.VarInt,
            ("fixed", { Length: > 0 }) => Framing.FixedLength(NumberText.Parse(value, 1, 1 << 30)),
            ("length", ['1' or '2' or '4' or '8', .. var order]) when order is "" or "be" or "le" =>
                Framing.LengthPrefixed(value[0] - '0', order == "le" ? ByteOrder.LittleEndian : ByteOrder.BigEndian),
            ("delimiter", { Length: > 0 }) => Framing.Delimiter(value),
            _ => throw new FormatException($"'{text}' is no framing; choose line, crlf, raw, length:1, 2, 4 or 8 (with le for the least significant byte first), varint, fixed:N or delimiter:TEXT."),
        };
    }
}

using System.Buffers;

namespace Codomyrmex.Networking;

/// <summary>
/// IPv4 addresses in every spelling that a resolver of the system accepts (inet_aton): one to four numbers, decimal, octal
/// (<c>0177</c>) or hexadecimal (<c>0x7f</c>), the last filling the bytes that remain.
/// </summary>
internal static class IPv4Text
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Whether the name ends in a number, and so can only be an IPv4 address (WHATWG URL, "ends in a number checker").</summary>
    public static bool EndsInNumber(ReadOnlySpan<char> name)
    {
        var last = name[(name.LastIndexOf('.') + 1)..];
        if (last.IsEmpty || !char.IsAsciiDigit(last[0]))
            return false;
        if (!last.ContainsAnyExcept(Digits))
            return true;
        return last[0] == '0' && last[1] is 'x' or 'X' && !last[2..].ContainsAnyExcept(HexDigits);
    }

    /// <summary>The address, as a number. Overflow, a fifth part or an empty part is no address.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out uint address)
    {
        address = 0;
        for (var part = 0; part < 4; part++)
        {
            var dot = text.IndexOf('.');
            if (!TryNumber(dot < 0 ? text : text[..dot], out var number))
                return false;
            var bitsLeft = 32 - (8 * part);
            if (dot < 0)
            {
                if (bitsLeft < 32 && number >> bitsLeft != 0)
                    return false;
                address |= number;
                return true;
            }
            if (number > 255)
                return false;
            address |= number << (bitsLeft - 8);
            text = text[(dot + 1)..];
        }
        return false;
    }

    /// <summary>Whether an address is written as four decimal numbers without leading zeros: the one spelling that nobody reads differently.</summary>
    public static bool IsDottedQuad(ReadOnlySpan<char> address)
    {
        if (address.Count('.') != 3 || address.ContainsAnyExcept("0123456789."))
            return false;
        foreach (var part in address.Split('.'))
        {
            if (address[part] is [] or ['0', _, ..])
                return false;
        }
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out uint number)
    {
        number = 0;
        var radix = text is ['0', 'x' or 'X', ..] ? 16u : text is ['0', _, ..] ? 8u : 10u;
        var digits = radix == 16 ? text[2..] : text;
        ulong sum = 0;
        foreach (var c in digits)
        {
            if (!char.IsAsciiHexDigit(c) || Digit(c) >= radix)
                return false;
            sum = (sum * radix) + Digit(c);
            if (sum > uint.MaxValue)
                return false;
        }
        number = (uint)sum;
        return !digits.IsEmpty;
    }

    private static uint Digit(char c) => c <= '9' ? c - (uint)'0' : (c | 0x20u) - 'a' + 10;
}

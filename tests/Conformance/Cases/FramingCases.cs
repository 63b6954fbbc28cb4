using System.Globalization;
using Codomyrmex.Networking.Tests.Conformance.Steps;
using static Codomyrmex.Networking.Tests.Conformance.Cases.CaseKit;

namespace Codomyrmex.Networking.Tests.Conformance.Cases;

/// <summary>Section 1: whole frames of all three lengths of length, in whole writes and chopped ones.</summary>
internal static class FramingCases
{
    private static readonly int[] Sizes = [0, 1, 125, 126, 127, 128, 65535, 65536];

    public static IEnumerable<ConformanceCase> All =>
    [
        .. from isText in (bool[])[true, false]
           from size in Sizes
           from chop in (int[])[int.MaxValue, size <= 128 ? 1 : 997]
           let bytes = isText ? Wire.Letters(size) : Wire.Octets(size)
           select Works(Id(isText, size, chop), $"{KindOf(isText)} of {size} bytes{(chop == int.MaxValue ? "" : $", {chop} bytes a write")}",
               new Send(Whole(isText, bytes), chop), new SeesMessage(isText, bytes)),
        .. from head in (string[])["817E007D", "817E0000", "817F000000000000007E", "817F000000000000FFFF"]
           select Fails($"1.3.{head}", $"a length that is not in its shortest form, {head}", 1002, [.. Greeting, new Send(Convert.FromHexString(head))]),
        Fails("1.4.1", "a length with its highest bit set", 1002, [.. Greeting, new Send(Convert.FromHexString("827F8000000000000000"))]),
        Fails("1.4.2", "the largest length there is, beyond the limit, fails on the head alone", 1009, [.. Greeting, new Send(Convert.FromHexString("827F7FFFFFFFFFFFFFFF"))]),
        Fails("1.5.1", "a masked frame from the server", 1002, [.. Greeting, new Send(Convert.FromHexString("81850102030469676F686E"))]),
        Fails("1.5.2", "a masked ping from the server", 1002, [.. Greeting, new Send(Convert.FromHexString("898000000000"))]),
        Works("1.6.1", "two messages and a half in one write",
            new Send((byte[])[.. Whole(true, "one"u8), .. Whole(false, "two"u8), .. Whole(true, "three"u8)[..4]]),
            new SeesMessage(true, "one"u8.ToArray()), new SeesMessage(false, "two"u8.ToArray()),
            new Send(Whole(true, "three"u8)[4..]), new SeesMessage(true, "three"u8.ToArray())),
    ];

    private static string Id(bool isText, int size, int chop) =>
        string.Create(CultureInfo.InvariantCulture, $"1.{(isText ? 1 : 2)}.{size}{(chop == int.MaxValue ? "" : ".chopped")}");
}

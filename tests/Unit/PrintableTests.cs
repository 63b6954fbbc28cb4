using System.Globalization;
using CsCheck;

namespace Codomyrmex.Networking.Tests.Unit;

public class PrintableTests
{
    [Theory]
    [Trait("Cve", "21")]
    [InlineData("bücher.example", "bücher.example")]
    [InlineData("a\u001b[2J", "a\\u001b[2J")]
    [InlineData("a\r\nb\0", "a\\u000d\\u000ab\\u0000")]
    [InlineData("a\u202Eb\u2028", "a\\u202eb\\u2028")]
    [InlineData("a\u00A0b\u3000", "a\\u00a0b\\u3000")]
    public void What_does_not_print_is_escaped(string text, string shown) => Assert.Equal(shown, Printable.Text(text));

    [Fact]
    public void Text_of_several_lines_keeps_them() => Assert.Equal("a\n\tb\\u000d\\u2028", Printable.Lines("a\n\tb\r\u2028"));

    [Fact]
    public void Any_text_becomes_one_line_of_limited_length() =>
        Gen.String.Sample(text =>
        {
            var shown = Printable.Text(text, 50);
            return shown.Length <= 56 && !shown.Any(c => char.IsControl(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format);
        });
}

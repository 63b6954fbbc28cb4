using System.Text;
using Codomyrmex.Networking.Cli.Rendering;

namespace Codomyrmex.Networking.Tests.Cli.Rendering;

public class ControlTextTests
{
    [Theory]
    [InlineData("plain ünïcødé 日本", "plain ünïcødé 日本")]
    [InlineData("\e]0;title\a", @"\x1b]0;title\x07")]
    [InlineData("a\u009b31mb", @"a\x9b31mb")]
    [InlineData("a\u007fb", @"a\x7fb")]
    [InlineData("a\u202eb\u2066c\u200fd\u061ce", @"a\u202eb\u2066c\u200fd\u061ce")]
    [InlineData("a\u2028b", @"a\u2028b")]
    [InlineData("a\nb\tc\rd", @"a\x0ab\x09c\x0dd")]
    public void What_could_move_a_terminal_is_escaped(string text, string expected) => Assert.Equal(expected, ControlText.Escape(text));

    [Fact]
    public void Lines_stay_where_they_are_wanted() => Assert.Equal("a\nb\tc\n\\x0dd", ControlText.Escape("a\r\nb\tc\n\rd", keepLines: true));

    [Fact]
    public void Every_c0_and_c1_character_is_escaped()
    {
        for (var c = '\0'; c <= '\u009f'; c++)
        {
            if (char.IsControl(c))
                Assert.DoesNotContain(c, ControlText.Escape([c]));
        }
    }

    [Fact]
    public void Json_escapes_them_too_and_stays_the_same_document()
    {
        const string Text = "a\u009b\u202e\u2069\u061c\e\u007fü";
        using var output = new MemoryStream();
        JsonOutput.Write(output, writer => writer.WriteString("x", Text));
        var json = Encoding.UTF8.GetString(output.ToArray());
        Assert.DoesNotContain(json.TrimEnd('\n'), c => ControlText.IsHarmful(c, keepLines: false));
        Assert.Contains("ü", json);
        Assert.Equal(Text, System.Text.Json.JsonElement.Parse(json).GetProperty("x").GetString());
    }
}

using System.Text;
using Codomyrmex.Networking.Cli.Rendering;

namespace Codomyrmex.Networking.Tests.Cli.Rendering;

public class JsonTextTests
{
    [Theory]
    [InlineData("{\"a\":1.50,\"b\":[true,null,\"x\\u202ey\"],\"c\":{},\"d\":[]}", "{\n  \"a\": 1.50,\n  \"b\": [\n    true,\n    null,\n    \"x\\u202ey\"\n  ],\n  \"c\": {},\n  \"d\": []\n}\n")]
    [InlineData("[]", "[]\n")]
    [InlineData("7", "7\n")]
    [InlineData("\uFEFF[1]", "[\n  1\n]\n")]
    [InlineData("{\"a\":{\"a\":1},\"a\":2}", "{\n  \"a\": {\n    \"a\": 1\n  },\n  \"a\": 2\n}\n")]
    public void Json_is_indented_with_numbers_and_escapes_as_they_came(string json, string expected) => Assert.Equal(expected, Show(json, colour: false));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("<html>")]
    public void What_is_no_json_is_left_alone(string text) => Assert.Null(Show(text, colour: false));

    [Fact]
    public void A_raw_direction_override_in_a_string_is_escaped() => Assert.Equal("\"a\\u202eb\"\n", Show("\"a\u202eb\"", colour: false));

    [Fact]
    public void Colour_changes_nothing_but_colour()
    {
        const string Json = """{"a":[1,"b",false,null,{}]}""";
        var plain = System.Text.RegularExpressions.Regex.Replace(Show(Json, colour: true)!, "\e\\[\\d+m", "");
        Assert.NotEqual(plain, Show(Json, colour: true));
        Assert.Equal(Show(Json, colour: false), plain);
    }

    private static string? Show(string json, bool colour)
    {
        using var stream = new MemoryStream();
        var output = new TextOutput(stream, colour);
        var written = JsonText.TryWrite(output, Encoding.UTF8.GetBytes(json));
        output.Flush();
        Assert.Equal(written, stream.Length > 0);
        return written ? Encoding.UTF8.GetString(stream.ToArray()) : null;
    }
}

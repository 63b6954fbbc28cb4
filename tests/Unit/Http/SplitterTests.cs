using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Http.Protocol;
using CsCheck;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Lines, and items of JSON arrays, out of bytes that are cut anywhere.</summary>
public class SplitterTests
{
    private static readonly Endpoint Peer = new("peer.test", 80);

    private static List<string> Pieces(ISplitter splitter, params ReadOnlySpan<byte[]> inputs)
    {
        using (splitter)
        {
            var pieces = new List<string>();
            foreach (var bytes in inputs)
            {
                ReadOnlySpan<byte> input = bytes;
                while (splitter.TryRead(ref input, out var piece))
                    pieces.Add(Encoding.UTF8.GetString(piece));
                Assert.True(input.IsEmpty);
            }
            while (splitter.TryReadRest(out var rest))
                pieces.Add(Encoding.UTF8.GetString(rest));
            return pieces;
        }
    }

    private static LineSplitter Lines(int limit = 1000) => new(limit, Peer);

    private static JsonArraySplitter Items(int limit = 1000) => new(limit, Peer);

    [Theory]
    [InlineData("a\nb\r\nc\rd", "a|b|c|d")]
    [InlineData("a\n", "a")]
    [InlineData("\n\n", "|")]
    [InlineData("\r\n\r\r\n", "||")]
    [InlineData("\uFEFFa\n\uFEFFb", "a|\uFEFFb")]
    [InlineData("\uFEFF", null)]
    [InlineData("", null)]
    public void Lines_end_with_lf_cr_or_both(string text, string? lines) =>
        Assert.Equal(lines?.Split('|') ?? [], Pieces(Lines(), Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("[]", null)]
    [InlineData(" \r\n\uFEFF[ \n] \n", null)]
    [InlineData("[1,2,3]", "1|2|3")]
    [InlineData("[ {\"a\": [1, {\"b\": \"]},\\\"\"}]} , [], \"\\\\\", null ]", "{\"a\": [1, {\"b\": \"]},\\\"\"}]}|[]|\"\\\\\"|null")]
    [InlineData("[1,,2,]", "1||2|")]
    [InlineData("[,]", "|")]
    [InlineData("[1,2", "1")]
    [InlineData("[}]", "}")]
    public void Items_of_an_array_are_taken_off_one_by_one(string json, string? items) =>
        Assert.Equal(items?.Split('|') ?? [], Pieces(Items(), Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("{\"a\":1}")]
    [InlineData("1")]
    [InlineData("[1] x")]
    [InlineData("[1][2]")]
    public void What_is_no_array_is_an_error(string json) =>
        Assert.Equal(ErrorCodes.HttpDecode, Assert.Throws<HTTPException>(() => Pieces(Items(), Encoding.UTF8.GetBytes(json))).Code);

    [Fact]
    public void Splitting_lines_at_any_byte_gives_the_same_lines() => SameWhereverCut(() => Lines(), "\uFEFFa\r\n\r\rü€😀\n\n\nlast"u8.ToArray());

    [Fact]
    public void Splitting_an_array_at_any_byte_gives_the_same_items() =>
        SameWhereverCut(() => Items(), " [ {\"a\\\"]\": [1, \"\\\\\"]}, \"ü,€\\u00e9\" ,[[]],-1.5e3, \"\" ] "u8.ToArray());

    [Fact]
    public void Any_array_comes_apart_into_its_items()
    {
        var text = Gen.OneOf("", "a", "\"", "\\", "[", "]", "{", "}", ",", ":", " ", "é", "\n");
        var value = Gen.OneOf<object>(
            text.Array[0, 5].Select(parts => (object)string.Concat(parts)), Gen.Int.Select(number => (object)number), Gen.Bool.Select(flag => (object)flag),
            text.Array[0, 3].Select(parts => (object)new Dictionary<string, object> { [string.Concat(parts)] = new object[] { parts, 1 } }));
        value.Array[0, 8].Sample(items =>
        {
            var json = JsonSerializer.SerializeToUtf8Bytes(items, new JsonSerializerOptions { WriteIndented = items.Length % 2 == 0 });
            var expected = JsonDocument.Parse(json).RootElement.EnumerateArray().Select(item => item.GetRawText());
            var cut = json.Length / 2;
            Assert.Equal(expected, Pieces(Items(100_000), json[..cut], json[cut..]));
        }, iter: 5_000);
    }

    [Fact]
    public void Endless_line_or_item_is_capped()
    {
        foreach (var splitter in new ISplitter[] { Lines(500), Items(500) })
        {
            using (splitter)
            {
                var start = splitter is LineSplitter ? "x"u8 : "[\""u8;
                splitter.TryRead(ref start, out _);
                var error = Assert.Throws<HTTPException>(() =>
                {
                    for (var i = 0; i < 1000; i++)
                    {
                        var more = "xxxxxxxxxx"u8;
                        splitter.TryRead(ref more, out _);
                    }
                });
                Assert.Equal(ErrorCodes.HttpTooLarge, error.Code);
                Assert.Contains("ResponseLimits.LineBytes", error.Message);
            }
        }
    }

    private static void SameWhereverCut(Func<ISplitter> make, byte[] whole)
    {
        var expected = Pieces(make(), whole);
        Assert.True(expected.Count > 3);
        for (var one = 0; one <= whole.Length; one++)
        {
            for (var two = one; two <= whole.Length; two++)
                Assert.Equal(expected, Pieces(make(), whole[..one], whole[one..two], whole[two..]));
        }
    }
}

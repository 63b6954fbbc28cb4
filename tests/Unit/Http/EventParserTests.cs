using System.Text;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Http.Protocol;
using CsCheck;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>The event parser against the rules of WHATWG HTML, sections 9.2.5 and 9.2.6.</summary>
public class EventParserTests
{
    private static readonly Endpoint Peer = new("peer.test", 80);

    private static List<ServerSentEvent> Parse(params ReadOnlySpan<byte[]> pieces) => Parse(out _, pieces);

    private static List<ServerSentEvent> Parse(out string? lastEventId, params ReadOnlySpan<byte[]> pieces)
    {
        using var parser = new EventParser(100_000, 100_000, Peer);
        var events = new List<ServerSentEvent>();
        foreach (var piece in pieces)
        {
            ReadOnlySpan<byte> input = piece;
            while (parser.TryRead(ref input))
                events.Add(Read(parser));
            Assert.True(input.IsEmpty);
        }
        lastEventId = parser.LastEventId;
        return events;
    }

    private static List<ServerSentEvent> Parse(string text) => Parse(Encoding.UTF8.GetBytes(text));

    private static ServerSentEvent Read(EventParser parser) => new(parser.Type, parser.Data) { Id = parser.Id, Retry = parser.Retry };

    private static ServerSentEvent Message(string data) => new("message", data);

    [Theory]
    [InlineData("data: a\n\ndata: b\n\n")]
    [InlineData("data: a\r\n\r\ndata: b\r\n\r\n")]
    [InlineData("data: a\r\rdata: b\r\r")]
    [InlineData("data: a\n\r\ndata: b\r\n\n")]
    [InlineData("\uFEFFdata: a\n\ndata: b\n\n")]
    [InlineData(":comment\ndata: a\n:\n\n:\n\ndata:b\nunknown: x\n\n")]
    [InlineData("\n\n\ndata: a\n\n\n\ndata: b\n\n\n")]
    [InlineData("event: x\n\ndata: a\n\nevent: y\nevent:\ndata: b\n\n")]
    [InlineData("Data: z\n data: z\ndata : z\ndatas: z\ndata: a\n\ndata: b\n\n")]
    [InlineData("data: a\n\ndata: b\n\ndata: unfinished")]
    [InlineData("data: a\n\ndata: b\n\ndata: unfinished\n")]
    [InlineData("retry: x1\nretry: -1\nretry:\nretry\ndata: a\n\ndata: b\n\n")]
    public void Events_are_parsed_with_every_line_end_mark_comment_and_unknown_field(string text) => Assert.Equal([Message("a"), Message("b")], Parse(text));

    [Theory]
    [InlineData("data\n\n", "")]
    [InlineData("data:\n\n", "")]
    [InlineData("data\ndata\n\n", "\n")]
    [InlineData("data: a\ndata: b\n\n", "a\nb")]
    [InlineData("data: a\ndata:\ndata:  b\n\n", "a\n\n b")]
    [InlineData("data:a:b: c\n\n", "a:b: c")]
    [InlineData("data: ü€😀\n\n", "ü€😀")]
    [InlineData("data: \uFEFF\n\n", "\uFEFF")]
    public void Data_has_its_lines_and_loses_one_space(string text, string data) => Assert.Equal([Message(data)], Parse(text));

    [Fact]
    public void Bytes_that_are_no_utf8_are_replaced() => Assert.Equal([Message("a\uFFFDb")], Parse([.. "data: a"u8, 0xFF, .. "b\n\n"u8]));

    [Fact]
    public void An_event_has_the_type_and_the_identifier_that_it_names()
    {
        var events = Parse("event: add\nid: 1\ndata: a\n\ndata: b\n\nid\ndata: c\n\nevent: add\ndata: d\n\nevent: ü\ndata: e\n\n");
        Assert.Equal([("add", "1"), ("message", null), ("message", ""), ("add", null), ("ü", null)], events.Select(item => (item.Type, item.Id)));
        Assert.Same(events[0].Type, events[3].Type);
    }

    [Fact]
    public void An_identifier_with_nul_is_ignored() => Assert.Equal("1", LastIdOf("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n"));

    [Theory]
    [InlineData("id: 1\ndata: a\n\ndata: b\n\n", "1")]
    [InlineData("id: 1\n\n", "1")]
    [InlineData("id: 1\ndata: a\n\nid:\n\n", "")]
    [InlineData("id: 1\ndata: a\n\nid: 2\ndata: b", "1")]
    [InlineData("data: a\n\n", null)]
    public void The_last_identifier_stays_until_a_finished_block_changes_it(string text, string? last) => Assert.Equal(last, LastIdOf(text));

    [Fact]
    public void Retry_belongs_to_the_next_event_and_is_never_longer_than_a_timer_waits()
    {
        var events = Parse("retry: 100\n\ndata: a\n\ndata: b\n\nretry: 99999999999999999999\ndata: c\n\n");
        Assert.Equal([TimeSpan.FromMilliseconds(100), null, TimeSpan.FromMilliseconds(int.MaxValue)], events.Select(item => item.Retry));
    }

    [Fact]
    public void Event_is_there_as_soon_as_its_empty_line_has_begun()
    {
        Assert.Equal([Message("a")], Parse("data: a\r\n\r"));
        Assert.Equal([Message("a"), Message("b")], Parse("data: a\r\r"u8.ToArray(), "\ndata: b\r\n\r"u8.ToArray(), "\n"u8.ToArray()));
    }

    [Fact]
    public void Splitting_the_input_at_any_byte_gives_the_same_events()
    {
        var whole = Encoding.UTF8.GetBytes("\uFEFF:hi\r\nid: 1\revent: x\ndata: ü€😀\r\ndata:\n\r\n\rretry: 5\r\n\r\ndata\n\nid: 2\n\ndata: last\r\r");
        var expected = Parse(whole);
        Assert.Equal(3, expected.Count);
        for (var one = 0; one <= whole.Length; one++)
        {
            for (var two = one; two <= whole.Length; two++)
                Assert.Equal(expected, Parse(whole[..one], whole[one..two], whole[two..]));
        }
    }

    [Fact]
    public void Splitting_any_stream_anywhere_gives_the_same_events() =>
        Gen.Select(Gen.OneOf("data", "id", "event", "retry", ":", " ", "\n", "\r", "\r\n", "\n\n", "x", "7", "\0", "é", "\uFEFF").Array[0, 60], Gen.Int[1, 9].Array[0, 60])
            .Sample((parts, sizes) =>
            {
                var whole = Encoding.UTF8.GetBytes(string.Concat(parts));
                var pieces = new List<byte[]>();
                var at = 0;
                foreach (var size in sizes.TakeWhile(_ => at < whole.Length))
                {
                    pieces.Add(whole[at..Math.Min(whole.Length, at + size)]);
                    at += size;
                }
                if (at < whole.Length)
                    pieces.Add(whole[at..]);
                var expected = Parse(out var lastExpected, whole);
                Assert.Equal(expected, Parse(out var last, pieces.ToArray()));
                Assert.Equal(lastExpected, last);
            }, iter: 20_000);

    [Theory]
    [InlineData("data: ")]
    [InlineData(":")]
    [InlineData("x")]
    public void Endless_line_is_capped(string start)
    {
        using var parser = new EventParser(1000, 10_000, Peer);
        ReadOnlySpan<byte> input = Encoding.UTF8.GetBytes(start);
        Assert.False(parser.TryRead(ref input));
        var error = Assert.Throws<HTTPException>(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                ReadOnlySpan<byte> more = new byte[100];
                parser.TryRead(ref more);
            }
        });
        Assert.Equal(ErrorCodes.HttpTooLarge, error.Code);
        Assert.Contains("ResponseLimits.LineBytes", error.Message);
    }

    [Fact]
    public void Endless_event_is_capped()
    {
        using var parser = new EventParser(1000, 10_000, Peer);
        var lines = 0;
        var error = Assert.Throws<HTTPException>(() =>
        {
            for (; lines < 1000; lines++)
            {
                var line = "data: 0123456789\n"u8;
                parser.TryRead(ref line);
            }
        });
        Assert.Equal(ErrorCodes.HttpTooLarge, error.Code);
        Assert.Contains("ResponseLimits.EventBytes", error.Message);
        Assert.InRange(lines, 900, 912);
    }

    [Fact]
    public void A_line_and_an_event_of_just_the_greatest_length_pass()
    {
        using var parser = new EventParser(16, 10, Peer);
        var input = "data: 0123456789\n\ndata: 01234\ndata: 5678\n\n"u8;
        Assert.True(parser.TryRead(ref input));
        Assert.Equal("0123456789", parser.Data);
        Assert.True(parser.TryRead(ref input));
        Assert.Equal("01234\n5678", parser.Data);
        Assert.Throws<HTTPException>(() =>
        {
            using var strict = new EventParser(16, 9, Peer);
            var same = "data: 0123456789\n\n"u8;
            strict.TryRead(ref same);
        });
    }

    [Fact]
    public void Data_in_ascii_and_beyond_it_may_come_in_turn()
    {
        string[] texts = ["plain", "", "ü", "plain again", "\0", "a long one in ASCII, with its last letter beyond it: é", "tail"];
        Assert.Equal(texts.Select(Message), Parse(string.Concat(texts.Select(text => $"data: {text}\n\n"))));
    }

    private static string? LastIdOf(string text)
    {
        Parse(out var last, Encoding.UTF8.GetBytes(text));
        return last;
    }
}

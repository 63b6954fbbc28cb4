using System.Security.Cryptography;
using Codomyrmex.Networking.Http.Protocol;
using Codomyrmex.Networking.Transfers.Internal;
using CsCheck;

namespace Codomyrmex.Networking.Tests.Unit.Transfers;

/// <summary>The parsers and the arithmetic of transfers.</summary>
public class ProtocolTests
{
    [Theory]
    [InlineData("bytes 0-0/1", 0, 0, 1)]
    [InlineData("bytes 100-199/*", 100, 199, null)]
    [InlineData(" BYTES  5-9/10 ", 5, 9, 10)]
    public void Content_range_is_read(string text, int first, int last, int? total) =>
        Assert.Equal(new ContentRange(first, last, total), ContentRange.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("bytes */100")]
    [InlineData("bytes 5-4/10")]
    [InlineData("bytes 0-10/10")]
    [InlineData("bytes -1-4/10")]
    [InlineData("bytes 0-4")]
    [InlineData("bytes 0/4-4")]
    [InlineData("items 0-4/10")]
    [InlineData("bytes 0-9223372036854775807/*")]
    [InlineData("bytes 0-99999999999999999999/*")]
    [InlineData("bytes 0-1/2, bytes 3-4/5")]
    public void Content_range_that_is_none_is_not_believed(string text) => Assert.Null(ContentRange.Parse(text));

    [Theory]
    [InlineData("\"a\"", null, null, "\"a\"")]
    [InlineData("W/\"a\"", null, null, null)]
    [InlineData("W/\"a\"", "Wed, 01 Jan 2020 00:00:00 GMT", "Wed, 01 Jan 2020 02:00:00 GMT", null)]
    [InlineData("a", null, null, null)]
    [InlineData("\"a\", \"b\"", null, null, null)]
    [InlineData(null, "Wed, 01 Jan 2020 00:00:00 GMT", "Wed, 01 Jan 2020 00:01:00 GMT", "Wed, 01 Jan 2020 00:00:00 GMT")]
    [InlineData(null, "Wed, 01 Jan 2020 00:00:00 GMT", "Wed, 01 Jan 2020 00:00:59 GMT", null)]
    [InlineData(null, "Wed, 01 Jan 2020 00:00:00 GMT", null, null)]
    [InlineData(null, null, "Wed, 01 Jan 2020 00:00:00 GMT", null)]
    public void Only_a_strong_validator_stands_in_If_Range(string? tag, string? modified, string? date, string? validator) =>
        Assert.Equal(validator, StrongValidator.Of(tag, modified, date));

    [Fact]
    public void Digest_field_is_read_and_written()
    {
        var hash = SHA256.HashData("x"u8);
        Assert.Equal(hash, DigestField.Sha256(DigestField.Text(hash)));
        Assert.Equal(hash, DigestField.Sha256("md5=:AAAA:, " + DigestField.Text(hash) + ";q=1"));
        Assert.All((string[])["", "sha-256=", "sha-256=:", "sha-256=:AA==:", "sha-256=:****:", "sha-256=" + Convert.ToBase64String(hash), "xsha-256=:AA=:"],
            text => Assert.Null(DigestField.Sha256(text)));
    }

    [Fact]
    public void Ranges_hold_what_was_added_and_nothing_else() =>
        Gen.Select(Gen.Int[0, 60], Gen.Int[1, 12], (from, length) => (From: from, To: from + length)).Array[0, 20].Sample(added =>
        {
            var ranges = new ByteRanges();
            var expected = new bool[100];
            foreach (var (from, to) in added)
            {
                ranges.Add(from, to);
                expected.AsSpan(from, to - from).Fill(true);
            }
            var again = ByteRanges.OfPairs(ranges.ToPairs(), 100);
            Assert.NotNull(again);
            Assert.Equal(expected.Count(there => there), again.Count);
            var actual = Enumerable.Repeat(true, 100).ToArray();
            foreach (var (from, to) in again.Gaps(100))
                actual.AsSpan((int)from, (int)(to - from)).Clear();
            Assert.Equal(expected, actual);
            Assert.Equal(Array.LastIndexOf(expected, true) + 1, ranges.End);
        });

    [Theory]
    [InlineData(new long[] { 0, 5, 5, 9 })]
    [InlineData(new long[] { 5, 5 })]
    [InlineData(new long[] { -1, 5 })]
    [InlineData(new long[] { 0, 101 })]
    [InlineData(new long[] { 4, 5, 0, 1 })]
    [InlineData(new long[] { 4 })]
    public void Pairs_out_of_order_are_no_ranges(long[] pairs) => Assert.Null(ByteRanges.OfPairs(pairs, 100));

    [Fact]
    public void Slowest_segment_is_split_until_it_is_not_worth_it()
    {
        const long Piece = SegmentBoard.SmallestPiece;
        var board = new SegmentBoard([(0, 8 * Piece)]);
        var first = board.Claim()!;
        var second = board.Claim()!;
        Assert.Equal((0, 4 * Piece, 4 * Piece, 8 * Piece), (first.Position, first.End, second.Position, second.End));
        second.Take((int)(3 * Piece));
        var third = board.Claim()!;
        Assert.Equal((2 * Piece, 4 * Piece, 2 * Piece), (third.Position, third.End, first.End));
        Assert.NotNull(board.Claim());
        Assert.NotNull(board.Claim());
        Assert.Null(board.Claim());
        Assert.Null(new SegmentBoard([(0, long.MaxValue)]).Claim()!.Split(1));
    }
}

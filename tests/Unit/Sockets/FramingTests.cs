using System.Buffers.Binary;
using System.Text;
using Codomyrmex.Networking.Sockets;
using CsCheck;

namespace Codomyrmex.Networking.Tests.Unit.Sockets;

/// <summary>Table TCP/UDP, row 4: framing without a socket.</summary>
public class FramingTests
{
    private static readonly Framing[] All =
    [
        Framing.Lines, Framing.CrLfLines, Framing.Delimiter("||"), Framing.Delimiter("aba"), Framing.FixedLength(5), Framing.VarInt,
        Framing.LengthPrefixed(1), Framing.LengthPrefixed(2), Framing.LengthPrefixed(4), Framing.LengthPrefixed(8),
        Framing.LengthPrefixed(2, ByteOrder.LittleEndian), Framing.LengthPrefixed(4, ByteOrder.LittleEndian), Framing.LengthPrefixed(8, ByteOrder.LittleEndian),
    ];

    public static TheoryData<string> Names => [.. All.Select(framing => framing.ToString()!)];

    private static byte[] Written(Framing framing, byte[] payload)
    {
        framing.Check(payload);
        var bytes = new byte[payload.Length + (2 * framing.Overhead)];
        var count = framing.WriteHeader(payload.Length, bytes);
        payload.CopyTo(bytes.AsSpan(count));
        count += payload.Length;
        count += framing.WriteTrailer(bytes.AsSpan(count));
        return bytes[..count];
    }

    private static bool Carries(Framing framing, byte[] payload)
    {
        try
        {
            framing.Check(payload);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Reads as a connection does: whatever has arrived, again and again.</summary>
    private static List<byte[]> Read(Framing framing, byte[] stream, IEnumerable<int> pieces)
    {
        var frames = new List<byte[]>();
        var (start, end, searched) = (0, 0, 0);
        foreach (var piece in pieces.Append(int.MaxValue))
        {
            end = (int)Math.Min(stream.Length, (long)end + piece);
            while (start < end)
            {
                var scan = framing.Scan(stream.AsSpan(start, end - start), ref searched);
                Assert.Null(scan.Problem);
                if (!scan.IsComplete)
                    break;
                frames.Add(stream.AsSpan(start + scan.Start, (int)scan.Length).ToArray());
                start += scan.Consumed;
                searched = 0;
            }
        }
        Assert.Equal(stream.Length, start);
        return frames;
    }

    [Theory, MemberData(nameof(Names))]
    public void Frames_come_out_as_they_went_in_however_they_are_cut(string name)
    {
        var framing = All.Single(one => one.ToString() == name);
        var letters = Gen.Int[0, 7].Select(i => "ab|\r\nxyz"u8[i]);
        var payloads = letters.Array[0, 12].Select(payload => name == "fixed:5" ? [.. payload.Concat("....."u8.ToArray()).Take(5)] : payload)
            .Where(payload => Carries(framing, payload)).Array[0, 8];
        Gen.Select(payloads, Gen.Int[1, 4].Array[0, 60]).Sample((sent, pieces) =>
            Assert.Equal(sent, Read(framing, [.. sent.SelectMany(payload => Written(framing, payload))], pieces)), iter: 2000);
    }

    [Fact]
    public void A_line_ends_with_LF_or_CR_LF()
    {
        var lines = Read(Framing.Lines, "one\ntwo\r\n\r\n\nfive\rsix\n"u8.ToArray(), []);
        Assert.Equal(["one", "two", "", "", "five\rsix"], lines.Select(Encoding.ASCII.GetString));
        Assert.Equal("a\r\n"u8.ToArray(), Written(Framing.CrLfLines, "a"u8.ToArray()));
    }

    [Theory]
    [InlineData("one\ntwo")]
    [InlineData("\n")]
    [InlineData("one\r")]
    public void A_line_cannot_smuggle_another(string line) => Assert.Throws<ArgumentException>(() => Framing.Lines.Check(Encoding.ASCII.GetBytes(line)));

    [Fact]
    public void A_delimiter_that_a_payload_begins_cannot_be_completed_by_what_follows()
    {
        // "xab" and the delimiter "aba" would be read as "x" and a rest.
        Assert.Throws<ArgumentException>(() => Framing.Delimiter("aba").Check("xab"u8));
        Framing.Delimiter("aba").Check("xa"u8);
    }

    [Fact]
    public void A_length_is_written_in_the_byte_order_asked_for()
    {
        Assert.Equal([0, 0, 1, 0], Written(Framing.LengthPrefixed(4), new byte[256])[..4]);
        Assert.Equal([0, 1, 0, 0], Written(Framing.LengthPrefixed(4, ByteOrder.LittleEndian), new byte[256])[..4]);
        Assert.Equal([0x80, 0x02], Written(Framing.VarInt, new byte[256])[..2]);
    }

    [Fact]
    public void A_length_beyond_any_buffer_is_known_at_once()
    {
        var bytes = new byte[8];
        foreach (var length in (ulong[])[ulong.MaxValue, long.MaxValue, 1UL << 40])
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes, length);
            var searched = 0;
            var scan = Framing.LengthPrefixed(8).Scan(bytes, ref searched);
            Assert.True(scan is { IsComplete: false, Length: > int.MaxValue });
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x80, 0x00 })]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 })]
    public void A_varint_that_is_too_long_or_not_the_shortest_is_malformed(byte[] bytes)
    {
        var searched = 0;
        Assert.NotNull(Framing.VarInt.Scan(bytes, ref searched).Problem);
    }

    [Fact]
    public void A_payload_that_a_length_cannot_hold_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Framing.LengthPrefixed(1).Check(new byte[256]));
        Assert.Throws<ArgumentException>(() => Framing.LengthPrefixed(2).Check(new byte[65536]));
        Assert.Throws<ArgumentException>(() => Framing.FixedLength(3).Check(new byte[2]));
        Framing.LengthPrefixed(1).Check(new byte[255]);
    }

    [Fact]
    public void Nonsense_is_refused_at_once()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Framing.LengthPrefixed(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Framing.FixedLength(0));
        Assert.Throws<ArgumentException>(() => Framing.Delimiter(""));
        Assert.Throws<ArgumentException>(() => Framing.Delimiter(new string('x', 65)));
    }

    [Fact]
    public void A_line_that_arrives_byte_by_byte_is_searched_once()
    {
        var line = new byte[200_000];
        line.AsSpan().Fill((byte)'x');
        line[^1] = (byte)'\n';
        var searched = 0;
        for (var length = 1; length < line.Length; length++)
        {
            Assert.False(Framing.Lines.Scan(line.AsSpan(0, length), ref searched).IsComplete);
            Assert.Equal(length, searched);
        }
        Assert.Equal(line.Length - 1, Framing.Lines.Scan(line, ref searched).Length);
    }
}

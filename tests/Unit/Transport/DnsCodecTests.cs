using System.Globalization;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Protocol;
using CsCheck;
using static Codomyrmex.Networking.Tests.Unit.Transport.DnsTestMessage;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

public class DnsCodecTests
{
    private static readonly byte[] Query = QueryFor("example.com", DnsRecordType.A);

    private static byte[] QueryFor(string name, DnsRecordType type)
    {
        Span<byte> wire = stackalloc byte[DnsName.MaxWire];
        Assert.Null(DnsName.TryWrite(name, wire, out var length));
        Span<byte> query = stackalloc byte[DnsMessage.MaxQuery];
        return query[..DnsMessage.WriteQuery(query, 0xBEEF, wire[..length], type)].ToArray();
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    private static string DataOf(DnsRecordType type, byte[] data) =>
        Assert.Single(DnsMessage.ReadResponse(Reply(Query, records: [Record(null, type, 60, data)])).Answers).Data;

    private static void Rejected(byte[] message)
    {
        var error = Assert.Throws<DNSResolutionException>(() => DnsMessage.ReadResponse(message));
        Assert.Equal(ErrorCodes.DnsServerFailure, error.Code);
        Assert.Equal(NetworkPhase.Resolve, error.Phase);
    }

    [Fact]
    public void A_query_has_one_question_recursion_edns_and_asks_whether_the_answer_was_validated()
    {
        Assert.Equal(
            Hex("BEEF 0120 0001 0000 0000 0001" + "07 6578616D706C65 03 636F6D 00 0001 0001" + "00 0029 04D0 00000000 0000"),
            Query);
    }

    [Fact]
    public void A_response_with_compressed_names_is_read()
    {
        var response = DnsMessage.ReadResponse(Hex(
            "BEEF 8580 0001 0002 0001 0001" +
            "03 777777 07 6578616D706C65 03 636F6D 00 0001 0001" + // www.example.com at 12, example.com at 16
            "C00C 0005 0001 00000E10 0006 03 636E61 C010" + // CNAME cna.example.com at 45
            "C02D 0001 0001 0000003C 0004 C0000201" + // A 192.0.2.1
            "C010 0002 0001 0000003C 0002 C00C" + // authority: NS
            "00 0029 04D0 00000000 0000"));
        Assert.Equal(DnsResponse.NoError, response.Code);
        Assert.True(response.IsAuthoritative);
        Assert.Equal(
            [
                new DnsRecord("www.example.com", DnsRecordType.CNAME, TimeSpan.FromHours(1), "cna.example.com"),
                new DnsRecord("cna.example.com", DnsRecordType.A, TimeSpan.FromMinutes(1), "192.0.2.1"),
            ],
            response.Answers);
        Assert.Equal(response.Answers, response.Find("WWW.example.com", DnsRecordType.A, out var ttl));
        Assert.Equal("192.0.2.1", response.Answers[1].Address!.ToString());
        Assert.Null(response.Answers[0].Address);
        Assert.Equal(TimeSpan.FromMinutes(1), ttl);
    }

    [Theory]
    [InlineData(DnsRecordType.A, "C0000201", "192.0.2.1")]
    [InlineData(DnsRecordType.AAAA, "20010DB8000000000000000000000001", "2001:db8::1")]
    [InlineData(DnsRecordType.NS, "01 61 C00C", "a.example.com")]
    [InlineData(DnsRecordType.CNAME, "00", ".")]
    [InlineData(DnsRecordType.PTR, "03 61622E 00", @"ab\.")]
    [InlineData(DnsRecordType.PTR, "04 1B5B5C20 00", @"\027[\\\032")]
    [InlineData(DnsRecordType.MX, "000A C00C", "10 example.com")]
    [InlineData(DnsRecordType.MX, "0000 00", "0 .")]
    [InlineData(DnsRecordType.SOA, "C00C 01 68 C00C 00000001 00000002 00000003 00000004 FFFFFFFF", "example.com h.example.com 1 2 3 4 4294967295")]
    [InlineData(DnsRecordType.TXT, "02 6869 00 05 2261205C1B", "\"hi\" \"\" \"\\\"a \\\\\\027\"")]
    [InlineData(DnsRecordType.TXT, "02 C3A9", "\"\\195\\169\"")]
    [InlineData(DnsRecordType.SRV, "0001 0002 1F90 01 61 00", "1 2 8080 a")]
    [InlineData(DnsRecordType.CAA, "80 05 6973737565 63612E74657374", "128 issue \"ca.test\"")]
    [InlineData(DnsRecordType.HTTPS, "0000 C00C", "0 example.com")]
    [InlineData(DnsRecordType.HTTPS, "0001 00 0001 0006 02 6832 02 6833 0003 0002 01BB 0004 0008 C0000201 C0000202", "1 . alpn=\"h2,h3\" port=443 ipv4hint=192.0.2.1,192.0.2.2")]
    [InlineData(DnsRecordType.SVCB, "0001 00 0000 0004 0001 0003 0001 0003 02 2C22 0002 0000 0003 0002 0035", "1 . mandatory=alpn,port alpn=\"\\\\,\\\"\" no-default-alpn port=53")]
    [InlineData(DnsRecordType.SVCB, "0001 00 0005 0002 CAFE 0006 0010 00000000000000000000000000000001 029B 0002 6800", "1 . ech=yv4= ipv6hint=::1 key667=\"h\\000\"")]
    [InlineData((DnsRecordType)99, "", @"\# 0")]
    [InlineData((DnsRecordType)65280, "CAFE", @"\# 2 CAFE")]
    public void Data_is_written_as_zone_files_write_it(DnsRecordType type, string data, string text) =>
        Assert.Equal(text, DataOf(type, Hex(data)));

    [Theory]
    [InlineData(DnsRecordType.A, "C00002")]
    [InlineData(DnsRecordType.A, "C000020100")]
    [InlineData(DnsRecordType.AAAA, "C0000201")]
    [InlineData(DnsRecordType.NS, "")]
    [InlineData(DnsRecordType.NS, "01 61")]
    [InlineData(DnsRecordType.NS, "05 61 00")]
    [InlineData(DnsRecordType.NS, "00 00")]
    [InlineData(DnsRecordType.NS, "40 61 00")]
    [InlineData(DnsRecordType.NS, "80 61 00")]
    [InlineData(DnsRecordType.NS, "C0")]
    [InlineData(DnsRecordType.MX, "000A")]
    [InlineData(DnsRecordType.SRV, "0001 0002")]
    [InlineData(DnsRecordType.SOA, "00 00 00000001")]
    [InlineData(DnsRecordType.TXT, "")]
    [InlineData(DnsRecordType.TXT, "02 61")]
    [InlineData(DnsRecordType.CAA, "00")]
    [InlineData(DnsRecordType.CAA, "00 00 61")]
    [InlineData(DnsRecordType.CAA, "00 01 1B 61")]
    [InlineData(DnsRecordType.HTTPS, "0001 00 0001")]
    [InlineData(DnsRecordType.HTTPS, "0001 00 0001 0000")]
    [InlineData(DnsRecordType.HTTPS, "0001 00 0001 0002 03 61")]
    [InlineData(DnsRecordType.HTTPS, "0001 00 0003 0001 01")]
    [InlineData(DnsRecordType.HTTPS, "0001 00 0004 0003 010203")]
    [InlineData(DnsRecordType.HTTPS, "0001 00 0002 0001 01")]
    [InlineData(DnsRecordType.HTTPS, "0001 00 0003 0002 0035 0001 0002 01 61")]
    [InlineData(DnsRecordType.HTTPS, "0001 00 0003 0002 0035 0003 0002 0035")]
    public void Wrong_data_of_a_known_type_is_rejected(DnsRecordType type, string data) =>
        Rejected(Reply(Query, records: [Record(null, type, 60, Hex(data))]));

    [Fact]
    public void Compression_that_does_not_point_backwards_is_rejected()
    {
        const int answer = 12 + 17;
        foreach (var target in new[] { answer, answer + 1, answer + 12, answer + 2, 0, 11, 0x3FFF })
            Rejected(Reply(Query, records: [[(byte)(0xC0 | (target >> 8)), (byte)target, .. Record("", DnsRecordType.A, 60, [1, 2, 3, 4])[1..]]]));

        // Two names that point at each other, inside the data of one record.
        Rejected(Reply(Query, records: [Record(null, DnsRecordType.SOA, 60, [0xC0, answer + 14, 0xC0, answer + 12, .. new byte[20]])]));
    }

    [Fact]
    public void A_name_may_have_255_octets_and_no_more()
    {
        var longest = string.Join('.', new string('a', 63), new string('b', 63), new string('c', 63), new string('d', 61));
        Assert.Equal(longest, DataOf(DnsRecordType.NS, Name(longest)));
        Rejected(Reply(Query, records: [Record(null, DnsRecordType.NS, 60, Name(longest + "d"))]));
        Rejected(Reply(Query, records: [Record(null, DnsRecordType.NS, 60, [.. Name(longest)[..^1], 0xC0, 12])]));
        Span<byte> wire = stackalloc byte[DnsName.MaxWire];
        Assert.Null(DnsName.TryWrite(longest + ".", wire, out var length));
        Assert.Equal(255, length);
        Assert.NotNull(DnsName.TryWrite(longest + "d", wire, out _));
    }

    [Fact]
    public void Chains_of_pointers_are_bounded()
    {
        // Each pointer points at the one before; following them all would cost the square of the message's length.
        var chain = new List<byte> { 0 };
        for (var i = 0; i < 4000; i++)
        {
            var target = i == 0 ? 41 : 42 + (2 * (i - 1));
            chain.AddRange([(byte)(0xC0 | (target >> 8)), (byte)target]);
        }
        var last = 42 + (2 * 3999);
        var records = new List<byte[]> { Record(null, (DnsRecordType)999, 60, [.. chain]) };
        for (var i = 0; i < 1000; i++)
            records.Add(Record(null, DnsRecordType.NS, 60, [(byte)(0xC0 | (last >> 8)), (byte)last]));
        Rejected(Reply(Query, records: [.. records]));
    }

    [Fact]
    public void A_small_message_cannot_unfold_to_much_memory()
    {
        // One long name of unprintable octets, and pointers into it from everywhere.
        byte[] longest = [63, .. new byte[63], 63, .. new byte[63], 63, .. new byte[63], 61, .. new byte[61], 0];
        var records = new List<byte[]> { Record(null, DnsRecordType.NS, 60, longest) };
        for (var i = 0; i < 4000; i++)
            records.Add(Record(null, DnsRecordType.NS, 60, [1, 0, 0xC0, 41 + 64]));
        var message = Reply(Query, records: [.. records]);
        Assert.True(message.Length < 65536);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Rejected(message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 6 * 1024 * 1024);
    }

    [Fact]
    public void Announced_records_that_are_not_there_cost_nothing()
    {
        var message = Reply(Query);
        message[6] = message[7] = 0xFF;
        Rejected(message);
        message[6] = 0x0F;
        var before = GC.GetAllocatedBytesForCurrentThread();
        Rejected(message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
    }

    [Fact]
    public void The_extended_response_code_is_read_and_other_classes_are_passed_over()
    {
        var opt = Hex("00 0029 04D0 01000000 0000");
        var response = DnsMessage.ReadResponse(Reply(Query, records: [Record(null, DnsRecordType.A, 60, [1, 2, 3], @class: 3), opt]));
        Assert.Equal(16, response.Code);
        Assert.Empty(response.Answers);
    }

    [Fact]
    public void A_time_to_live_with_the_top_bit_is_zero()
    {
        var response = DnsMessage.ReadResponse(Reply(Query, records: [Record(null, DnsRecordType.A, -1, [192, 0, 2, 1])]));
        Assert.Equal(TimeSpan.Zero, Assert.Single(response.Answers).TimeToLive);
    }

    [Fact]
    public void A_query_is_no_response() => Rejected(Query);

    [Fact]
    public void Names_survive_the_way_to_text_and_back() =>
        Gen.Byte.Array[1, 63].Array[0, 6].Sample(labels =>
        {
            byte[] wire = [.. labels.SelectMany(label => (byte[])[(byte)label.Length, .. label]), 0];
            if (wire.Length > DnsName.MaxWire)
                return;
            var text = new DnsReader(wire).ReadName();
            Assert.All(text, c => Assert.InRange(c, '!', '~'));
            Span<byte> again = stackalloc byte[DnsName.MaxWire];
            Assert.Null(DnsName.TryWrite(text, again, out var length));
            Assert.Equal(wire, again[..length].ToArray());
        });

    [Fact]
    public void Any_text_is_a_name_or_is_refused() =>
        Gen.String[Gen.OneOf(Gen.Char["ab.\\019é"], Gen.Char), 0, 300].Sample(text =>
        {
            Span<byte> wire = stackalloc byte[DnsName.MaxWire];
            if (DnsName.TryWrite(text, wire, out var length) is null)
                new DnsReader(wire[..length]).ReadName();
            if (HostText.ParseStrict(text) is { Problem: null, IsAddress: false } host)
                Assert.Null(DnsName.TryWrite(host.Canonical(), wire, out _));
        });

    [Fact]
    public void Records_survive_the_way_through_a_message()
    {
        var address = Gen.Select(Gen.Byte.Array[4], Gen.Int[0, int.MaxValue]);
        address.Array[0, 50].Sample(records =>
        {
            var message = Reply(Query, records: [.. records.Select(r => Record(null, DnsRecordType.A, r.Item2, r.Item1))]);
            Assert.True(DnsMessage.IsReplyTo(message, Query));
            Assert.Equal(
                records.Select(r => (string.Join('.', r.Item1.Select(b => b.ToString(CultureInfo.InvariantCulture))), r.Item2)),
                DnsMessage.ReadResponse(message).Answers.Select(r => (r.Data, (int)r.TimeToLive.TotalSeconds)));
        });
    }

    [Fact]
    public void Random_bytes_are_read_or_rejected() =>
        Gen.Byte.Array[0, 600].Sample(bytes =>
        {
            ReadOrRejected(bytes);
            // The same behind a header that promises records, to get past the first checks.
            ReadOrRejected([.. Query[..2], 0x81, 0x80, 0, 1, 0, 9, 0, 9, 0, 9, .. bytes]);
        }, iter: 5000);

    [Fact]
    public void Mutated_messages_are_read_or_rejected()
    {
        var valid = Reply(Query, records:
        [
            Address(null, 60, "192.0.2.1"), Address("a.b.example", 60, "2001:db8::1"),
            Record(null, DnsRecordType.CNAME, 60, [1, (byte)'x', 0xC0, 12]),
            Record(null, DnsRecordType.SOA, 60, Hex("C00C 01 68 C00C 00000001 00000002 00000003 00000004 00000005")),
            Record(null, DnsRecordType.TXT, 60, Hex("02 6869 00 05 2261205C1B")),
            Record(null, DnsRecordType.CAA, 60, Hex("80 05 6973737565 63612E74657374")),
            Record(null, DnsRecordType.HTTPS, 60, Hex("0001 00 0001 0006 02 6832 02 6833 0003 0002 01BB 0004 0008 C0000201 C0000202")),
            Hex("00 0029 04D0 00000000 0000"),
        ]);
        DnsMessage.ReadResponse(valid);
        var change = Gen.Select(Gen.Int[2, valid.Length - 1], Gen.OneOf(Gen.Byte, Gen.Int[0, 4].Select(i => (byte)(0x403FFFC000 >> (8 * i)))));
        Gen.Select(change.Array[1, 6], Gen.Int[0, valid.Length]).Sample((changes, cut) =>
        {
            var message = valid.ToArray();
            foreach (var (at, value) in changes)
                message[at] = value;
            ReadOrRejected(message);
            ReadOrRejected(message[..cut]);
        }, iter: 5000);
    }

    private static void ReadOrRejected(byte[] message)
    {
        DnsMessage.IsReplyTo(message, Query);
        try
        {
            var response = DnsMessage.ReadResponse(message);
            foreach (var record in response.Answers)
            {
                Assert.All(record.Data, c => Assert.InRange(c, ' ', '~'));
                response.Find(record.Name, DnsRecordType.A, out _);
            }
        }
        catch (DNSResolutionException error)
        {
            Assert.Equal(ErrorCodes.DnsServerFailure, error.Code);
        }
    }
}

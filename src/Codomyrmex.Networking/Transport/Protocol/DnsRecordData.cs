using System.Globalization;
using System.Net;
using System.Text;

namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>The data of a record in presentation form. Wrong data of a known type is rejected, unknown types are hexadecimal.</summary>
internal static class DnsRecordData
{
    internal static string Read(ref DnsReader reader, DnsRecordType type, int length)
    {
        var messageEnd = reader.End;
        if (length > messageEnd - reader.Position)
            throw DnsMessage.Malformed("a record runs past the end");
        reader.End = reader.Position + length;
        var data = type switch
        {
            DnsRecordType.A => Address(ref reader, length, 4),
            DnsRecordType.AAAA => Address(ref reader, length, 16),
            DnsRecordType.NS or DnsRecordType.CNAME or DnsRecordType.PTR => reader.ReadName(),
            DnsRecordType.MX => Text($"{reader.ReadUInt16()} {reader.ReadName()}"),
            DnsRecordType.SRV => Text($"{reader.ReadUInt16()} {reader.ReadUInt16()} {reader.ReadUInt16()} {reader.ReadName()}"),
            DnsRecordType.SOA => Text(
                $"{reader.ReadName()} {reader.ReadName()} {reader.ReadUInt32()} {reader.ReadUInt32()} {reader.ReadUInt32()} {reader.ReadUInt32()} {reader.ReadUInt32()}"),
            DnsRecordType.TXT => Strings(ref reader),
            DnsRecordType.CAA => Authority(ref reader),
            DnsRecordType.SSHFP when length > 2 => Text($"{reader.ReadByte()} {reader.ReadByte()} {Convert.ToHexString(reader.ReadBytes(length - 2))}"),
            DnsRecordType.SVCB or DnsRecordType.HTTPS => DnsServiceBinding.Read(ref reader),
            _ => Unknown(reader.ReadBytes(length)),
        };
        if (!reader.IsAtEnd)
            throw DnsMessage.Malformed($"a record of type {type} has bytes left over");
        reader.End = messageEnd;
        return reader.Charge(data);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Address(ref DnsReader reader, int length, int expected) => length == expected
        ? new IPAddress(reader.ReadBytes(length)).ToString()
        : throw DnsMessage.Malformed($"an address has {length} bytes instead of {expected}");

    private static string Strings(ref DnsReader reader)
    {
        var text = new StringBuilder();
        do
        {
            if (text.Length > 0)
                text.Append(' ');
            DnsText.AppendQuoted(text, reader.ReadBytes(reader.ReadByte()));
        }
        while (!reader.IsAtEnd);
        return text.ToString();
    }

    private static string Authority(ref DnsReader reader)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{reader.ReadByte()} ");
        var tag = reader.ReadBytes(reader.ReadByte());
        foreach (var c in tag)
        {
            // RFC 8659, section 4.1: letters and digits only.
            if (!char.IsAsciiLetterOrDigit((char)c))
                throw DnsMessage.Malformed("a CAA tag holds more than letters and digits");
            text.Append((char)c);
        }
        if (tag.Length == 0)
            throw DnsMessage.Malformed("a CAA tag is empty");
        DnsText.AppendQuoted(text.Append(' '), reader.ReadBytes(reader.End - reader.Position));
        return text.ToString();
    }

    // RFC 3597, section 5.
    private static string Unknown(ReadOnlySpan<byte> data) => data.IsEmpty
        ? @"\# 0"
        : string.Create(CultureInfo.InvariantCulture, $@"\# {data.Length} {Convert.ToHexString(data)}");
}

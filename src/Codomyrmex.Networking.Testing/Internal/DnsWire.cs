using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The messages of RFC 1035, section 4, as far as a scripted server needs them.</summary>
internal static class DnsWire
{
    private const int HeaderLength = 12;

    /// <summary>Reads a query with one question; false where it is none.</summary>
    public static bool TryReadQuestion(ReadOnlySpan<byte> query, out string name, out int type, out int end)
    {
        (name, type, end) = (string.Empty, 0, HeaderLength);
        if (query.Length < HeaderLength + 5 || (query[2] & 0x80) != 0 || BinaryPrimitives.ReadUInt16BigEndian(query[4..]) != 1)
            return false;
        var text = new StringBuilder();
        while (query[end] != 0)
        {
            int length = query[end];
            if (length > 63 || end + length + 6 > query.Length)
                return false;
            if (text.Length > 0)
                text.Append('.');
            text.Append(Encoding.Latin1.GetString(query.Slice(end + 1, length)));
            end += length + 1;
        }
        if (end + 5 > query.Length)
            return false;
        name = text.ToString();
        type = BinaryPrimitives.ReadUInt16BigEndian(query[(end + 1)..]);
        end += 5;
        return true;
    }

    public static byte[] Write(ReadOnlySpan<byte> query, int questionEnd, int type, ScriptedDnsAnswer answer, bool overTcp)
    {
        if (answer.Raw is { } raw)
            return raw.ToArray();
        var truncated = answer.IsTruncated && !overTcp;
        using var message = new MemoryStream();
        message.Write(query[..questionEnd]);
        var records = truncated ? 0 : WriteRecords(message, type, answer);
        var bytes = message.ToArray();
        if (answer.HasWrongId)
            bytes[1] ^= 0x55;
        // QR and AA, the opcode and RD as asked, TC; then RA, AD and the code.
        bytes[2] = (byte)(0x84 | (query[2] & 0x79) | (truncated ? 2 : 0));
        bytes[3] = (byte)(0x80 | (answer.IsValidated ? 0x20 : 0) | (answer.ResponseCode & 0x0F));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(6), (ushort)records);
        bytes.AsSpan(8, 4).Clear();
        if (answer.HasWrongQuestion)
            bytes[questionEnd - 6] = bytes[questionEnd - 6] == 'x' ? (byte)'y' : (byte)'x';
        return bytes;
    }

    private static int WriteRecords(MemoryStream message, int type, ScriptedDnsAnswer answer)
    {
        var count = 0;
        byte[] owner = [0xC0, HeaderLength];
        if (answer.CanonicalName is { } canonical)
        {
            var name = Name(canonical);
            WriteRecord(message, owner, 5, answer.TimeToLive, name);
            owner = name;
            count++;
        }
        foreach (var address in answer.Addresses)
        {
            if (type != (address.AddressFamily == AddressFamily.InterNetwork ? ScriptedDnsQuestion.A : ScriptedDnsQuestion.Aaaa))
                continue;
            WriteRecord(message, owner, type, answer.TimeToLive, address.GetAddressBytes());
            count++;
        }
        foreach (var (recordType, data) in answer.Records)
        {
            WriteRecord(message, owner, recordType, answer.TimeToLive, data.Span);
            count++;
        }
        return count;
    }

    private static void WriteRecord(MemoryStream message, byte[] owner, int type, TimeSpan timeToLive, ReadOnlySpan<byte> data)
    {
        Span<byte> fields = stackalloc byte[10];
        BinaryPrimitives.WriteUInt16BigEndian(fields, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(fields[2..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(fields[4..], (uint)timeToLive.TotalSeconds);
        BinaryPrimitives.WriteUInt16BigEndian(fields[8..], (ushort)data.Length);
        message.Write(owner);
        message.Write(fields);
        message.Write(data);
    }

    private static byte[] Name(string name)
    {
        using var bytes = new MemoryStream();
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            bytes.WriteByte((byte)label.Length);
            bytes.Write(Encoding.Latin1.GetBytes(label));
        }
        bytes.WriteByte(0);
        return bytes.ToArray();
    }
}

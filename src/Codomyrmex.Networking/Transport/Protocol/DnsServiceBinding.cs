using System.Globalization;
using System.Net;
using System.Text;

namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>The data of SVCB and HTTPS records (RFC 9460, section 2): <c>1 . alpn="h2,h3" port=8443</c>.</summary>
internal static class DnsServiceBinding
{
    internal static string Read(ref DnsReader reader)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{reader.ReadUInt16()} {reader.ReadName()}");
        var last = -1;
        while (!reader.IsAtEnd)
        {
            int key = reader.ReadUInt16();
            // Section 2.2: in ascending order, each once.
            if (key <= last)
                throw DnsMessage.Malformed("service parameters are out of order");
            last = key;
            text.Append(' ').Append(NameOf(key));
            AppendValue(text, key, reader.ReadBytes(reader.ReadUInt16()));
        }
        return text.ToString();
    }

    private static string NameOf(int key) => key switch
    {
        0 => "mandatory",
        1 => "alpn",
        2 => "no-default-alpn",
        3 => "port",
        4 => "ipv4hint",
        5 => "ech",
        6 => "ipv6hint",
        7 => "dohpath",
        _ => string.Create(CultureInfo.InvariantCulture, $"key{key}"),
    };

    private static void AppendValue(StringBuilder text, int key, ReadOnlySpan<byte> value)
    {
        switch (key)
        {
            case 0:
                AppendList(text, value, 2, static item => NameOf((item[0] << 8) | item[1]));
                break;
            case 1:
                AppendProtocols(text, value);
                break;
            case 2:
                if (!value.IsEmpty)
                    throw Wrong(key);
                break;
            case 3:
                text.Append(CultureInfo.InvariantCulture, $"={(value.Length == 2 ? (value[0] << 8) | value[1] : throw Wrong(key))}");
                break;
            case 4:
                AppendList(text, value, 4, static item => new IPAddress(item).ToString());
                break;
            case 5:
                text.Append('=').Append(Convert.ToBase64String(value));
                break;
            case 6:
                AppendList(text, value, 16, static item => new IPAddress(item).ToString());
                break;
            default:
                if (!value.IsEmpty)
                    DnsText.AppendQuoted(text.Append('='), value);
                break;
        }
    }

    private static void AppendList(StringBuilder text, ReadOnlySpan<byte> value, int size, Func<ReadOnlySpan<byte>, string> format)
    {
        if (value.IsEmpty || value.Length % size != 0)
            throw DnsMessage.Malformed("a service parameter has a wrong length");
        for (var i = 0; i < value.Length; i += size)
            text.Append(i == 0 ? '=' : ',').Append(format(value.Slice(i, size)));
    }

    private static void AppendProtocols(StringBuilder text, ReadOnlySpan<byte> value)
    {
        text.Append("=\"");
        var isFirst = true;
        do
        {
            if (value.IsEmpty || value[0] == 0 || value[0] > value.Length - 1)
                throw Wrong(1);
            var id = value.Slice(1, value[0]);
            value = value[(1 + id.Length)..];
            if (!isFirst)
                text.Append(',');
            isFirst = false;
            foreach (var c in id)
            {
                // Appendix A.1: a comma inside an item is escaped, and the escape is escaped in the string.
                if (c == (byte)',')
                    text.Append(@"\\");
                DnsText.AppendEscaped(text, [c]);
            }
        }
        while (!value.IsEmpty);
        text.Append('"');
    }

    private static NetworkException Wrong(int key) => DnsMessage.Malformed($"the service parameter {NameOf(key)} is wrong");
}

using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>An answer rendered once; only its date is patched in.</summary>
internal sealed class StaticResponse
{
    private const string DatePlace = "Xxx, 00 Xxx 0000 00:00:00 GMT";

    public StaticResponse(int status, ReadOnlyMemory<byte> body, string? contentType, IEnumerable<KeyValuePair<string, string>>? headers)
    {
        (Status, Body, ContentType, Headers) = (status, body, contentType, [.. headers ?? []]);
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {StatusText.Of(status)}\r\nDate: ");
        DateOffset = head.Length;
        head.Append(DatePlace).Append("\r\n");
        if (contentType is not null)
            head.Append("Content-Type: ").Append(contentType).Append("\r\n");
        foreach (var (name, value) in Headers)
            head.Append(FieldText.Checked(name, value)).Append("\r\n");
        if (!StatusText.IsBodiless(status))
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        head.Append("\r\n");
        HeadLength = head.Length;
        Bytes = [.. Encoding.Latin1.GetBytes(head.ToString()), .. StatusText.IsBodiless(status) ? default : body.Span];
    }

    public int Status { get; }

    public ReadOnlyMemory<byte> Body { get; }

    public string? ContentType { get; }

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; }

    public int DateOffset { get; }

    public int HeadLength { get; }

    public byte[] Bytes { get; }
}

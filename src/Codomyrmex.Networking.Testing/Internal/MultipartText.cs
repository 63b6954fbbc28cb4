using System.Text;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>One part of a multipart/form-data body (RFC 7578).</summary>
internal sealed record MultipartText(string Name, string? FileName, byte[] Content)
{
    public static string? Boundary(string mediaType)
    {
        if (!mediaType.StartsWith("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            return null;
        return Parameter(mediaType, "boundary");
    }

    public static List<MultipartText> Parse(byte[] body, string boundary)
    {
        var parts = new List<MultipartText>();
        var delimiter = Encoding.Latin1.GetBytes("\r\n--" + boundary);
        ReadOnlySpan<byte> rest = [(byte)'\r', (byte)'\n', .. body];
        var at = rest.IndexOf(delimiter);
        while (at >= 0)
        {
            rest = rest[(at + delimiter.Length)..];
            if (!rest.StartsWith("\r\n"u8))
                return parts;
            at = rest.IndexOf(delimiter);
            var part = at < 0 ? default : rest[..at];
            var head = part.IndexOf("\r\n\r\n"u8);
            if (head < 0)
                throw new BadRequestException(400, "The multipart body is malformed.");
            var fields = Encoding.UTF8.GetString(part[..head]);
            parts.Add(new MultipartText(Parameter(fields, "name") ?? string.Empty, Parameter(fields, "filename"), part[(head + 4)..].ToArray()));
        }
        return parts;
    }

    private static string? Parameter(string text, string name)
    {
        var at = -1;
        do
        {
            at = text.IndexOf(name + "=", at + 1, StringComparison.OrdinalIgnoreCase);
            if (at < 0)
                return null;
        }
        while (at > 0 && text[at - 1] is not (' ' or ';'));
        var value = text[(at + name.Length + 1)..];
        var end = value.StartsWith('"') ? value.IndexOf('"', 1) : value.IndexOfAny([';', '\r']);
        return value.StartsWith('"') ? value[1..(end < 0 ? value.Length : end)] : value[..(end < 0 ? value.Length : end)].Trim();
    }
}

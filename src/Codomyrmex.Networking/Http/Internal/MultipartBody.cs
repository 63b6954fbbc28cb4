using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>multipart/form-data (RFC 7578), streamed part by part.</summary>
internal sealed class MultipartBody : RequestBody
{
    private static readonly byte[] NewLine = "\r\n"u8.ToArray();
    private readonly (byte[] Head, RequestBody Body)[] _parts;
    private readonly byte[] _end;

    public MultipartBody(IReadOnlyList<MultipartPart> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        // RFC 7578 has no place in a part for its coding.
        if (parts.Any(part => part.Body.ContentEncoding is not null))
            throw new ArgumentException("A part of a multipart body is compressed; compress the whole (RequestBody.Compressed).", nameof(parts));
        // Unpredictable, so that nobody can hide a boundary in a part.
        var boundary = "codomyrmex-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        ContentType = "multipart/form-data; boundary=" + boundary;
        _parts = [.. parts.Select(part => (Head(boundary, part), part.Body))];
        _end = Encoding.ASCII.GetBytes($"--{boundary}--\r\n");
    }

    public override string ContentType { get; }

    public override bool IsReplayable => _parts.All(part => part.Body.IsReplayable);

    public override long? Length
    {
        get
        {
            long total = _end.Length;
            foreach (var (head, body) in _parts)
            {
                if (body.Length is not { } length)
                    return null;
                total += head.Length + length + NewLine.Length;
            }
            return total;
        }
    }

    public override async ValueTask WriteAsync(Stream destination, CancellationToken cancellationToken)
    {
        foreach (var (head, body) in _parts)
        {
            await destination.WriteAsync(head, cancellationToken).ConfigureAwait(false);
            await body.WriteAsync(destination, cancellationToken).ConfigureAwait(false);
            await destination.WriteAsync(NewLine, cancellationToken).ConfigureAwait(false);
        }
        await destination.WriteAsync(_end, cancellationToken).ConfigureAwait(false);
    }

    private static byte[] Head(string boundary, MultipartPart part)
    {
        var text = new StringBuilder($"--{boundary}\r\nContent-Disposition: form-data; name=\"{Quoted(part.Name)}\"");
        if (part.FileName is not null)
            text.Append($"; filename=\"{Quoted(part.FileName)}\"");
        text.Append("\r\n");
        if (part.Body.ContentType is { } type)
        {
            FieldRules.CheckValue("Content-Type", type);
            text.Append($"Content-Type: {type}\r\n");
        }
        return Encoding.UTF8.GetBytes(text.Append("\r\n").ToString());
    }

    // The escapes of the WHATWG HTML standard, "multipart form data": a line break in a name cannot begin a field of its own.
    private static string Quoted(string text)
    {
        if (text.AsSpan().ContainsAnyInRange('\0', '\x08') || text.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("A multipart name has a control character.", nameof(text));
        return text.Replace("\"", "%22", StringComparison.Ordinal).Replace("\r", "%0D", StringComparison.Ordinal).Replace("\n", "%0A", StringComparison.Ordinal);
    }
}

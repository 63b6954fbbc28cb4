namespace Codomyrmex.Networking.Http.Internal;

/// <summary>What is kept of a body: the bytes as they went over the wire, and for the archive what they say.</summary>
/// <param name="contentType">The media type, as sent.</param>
/// <param name="codings">The content codings to undo; null where there are none.</param>
internal sealed class HarBody(string? contentType, List<string>? codings)
{
    // Only somebody who deceives sends a body that grows so much.
    private const int Ratio = 1000;

    public string? ContentType => contentType;

    /// <summary>Null where the body was too long, not read to its end, or had to make room. Belongs to the recorder's lock.</summary>
    public byte[]? Wire { get; set; }

    /// <summary>The text, without its secrets, or the bytes in base64.</summary>
    public string? Text { get; private set; }

    public bool IsBase64 { get; private set; }

    /// <summary>Bytes of the decoded body; -1 where they are not known.</summary>
    public long Size { get; private set; } = -1;

    /// <summary>Makes texts of bodies.</summary>
    /// <param name="entries">Their entries.</param>
    /// <param name="limit">The longest, in decoded bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task DecodeAsync(IEnumerable<HarEntry> entries, int limit, CancellationToken cancellationToken)
    {
        foreach (var body in entries.SelectMany(static entry => new[] { entry.RequestBody, entry.Body }))
        {
            if (body is { Text: null, Wire: { } wire })
                await body.ReadAsync(wire, limit, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(byte[] wire, int limit, CancellationToken cancellationToken)
    {
        var bytes = wire;
        if (codings is not null)
        {
            using var decoded = new BoundedCopy(limit, static () => new InvalidDataException());
            try
            {
                using var stream = ContentDecoding.Decode(new MemoryStream(wire), codings, new ResponseLimits { DecompressionRatio = Ratio }, new Endpoint("har", 0));
                await stream.CopyToAsync(decoded, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (error is NetworkException or InvalidDataException or IOException)
            {
                // Too long, or not what it says: what came over the wire is no text.
                return;
            }
            bytes = decoded.ToArray();
        }
        Size = bytes.Length;
        Text = Redactor.RedactBody(bytes, contentType);
        IsBase64 = Text is null;
        Text ??= Convert.ToBase64String(bytes);
    }
}

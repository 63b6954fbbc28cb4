namespace Codomyrmex.Networking.Http;

/// <summary>A part of a multipart form (RFC 7578).</summary>
/// <param name="Name">The field's name.</param>
/// <param name="Body">The content; its <see cref="RequestBody.ContentType"/> is sent with the part.</param>
/// <param name="FileName">The file name to send, or null for a plain field.</param>
public sealed record MultipartPart(string Name, RequestBody Body, string? FileName = null)
{
    /// <summary>A plain text field.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">Its value.</param>
    public static MultipartPart Field(string name, string value) => new(name, RequestBody.Bytes(System.Text.Encoding.UTF8.GetBytes(value), null));

    /// <summary>A file, under its own name.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="path">The file's path.</param>
    public static MultipartPart File(string name, string path) => new(name, RequestBody.File(path), Path.GetFileName(path));
}

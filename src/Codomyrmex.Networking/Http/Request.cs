using Codomyrmex.Networking.Http.Internal;

namespace Codomyrmex.Networking.Http;

/// <summary>A request to send: method, target, body and what is special about it. Immutable; may be sent any number of times.</summary>
/// <param name="Method">The method, for example <c>GET</c> (RFC 9110, section 9).</param>
/// <param name="Url">An absolute <c>http</c> or <c>https</c> URL, or one relative to the client's <see cref="HTTPClientOptions.BaseUrl"/>.</param>
public sealed record Request(string Method, string Url)
{
    /// <summary>The body. The default value is null: none.</summary>
    public RequestBody? Body { get; init; }

    /// <summary>Headers, query, credentials, and overrides of the client's settings for this request only.</summary>
    public RequestOptions Options { get; init; } = RequestOptions.Default;

    /// <summary>The request as a command line of curl, for a POSIX shell. A body that is not text is read from standard input.</summary>
    /// <param name="revealSecrets">Whether credentials are written out. The default value is false: they are masked.</param>
    public string ToCurl(bool revealSecrets = false) => CurlCommand.Of(this, revealSecrets);

    /// <summary>Method and URL with secrets masked.</summary>
    public override string ToString() => $"{Method} {Redactor.Redact(Url)}";
}

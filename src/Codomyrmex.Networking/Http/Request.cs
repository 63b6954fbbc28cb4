namespace Codomyrmex.Networking.Http;

/// <summary>A request to send: method, target, body and what is special about it. Immutable; may be sent any number of times.</summary>
/// <param name="Method">The method, for example <c>GET</c> (RFC 9110, section 9).</param>
/// <param name="Url">An absolute <c>http</c> or <c>https</c> URL, or one relative to the client's <see cref="HTTPClientOptions.BaseUrl"/>.</param>
public sealed partial record Request(string Method, string Url)
{
    /// <summary>The body. The default value is null: none.</summary>
    public RequestBody? Body { get; init; }

    /// <summary>Headers, query, credentials, and overrides of the client's settings for this request only.</summary>
    public RequestOptions Options { get; init; } = RequestOptions.Default;

    /// <summary>Method and URL with secrets masked.</summary>
    public override string ToString() => $"{Method} {Redactor.Redact(Url)}";
}

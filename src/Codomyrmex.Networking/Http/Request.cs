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

    /// <summary>
    /// The request that a command line of curl would send: as copied from a browser or a manual, quoted for a POSIX shell (<c>$'…'</c> too). Nothing is run.
    /// Redirects are followed with <c>-L</c> alone, as curl does; <c>-k</c> is refused.
    /// </summary>
    /// <param name="commandLine">The line; it may go on over several with a backslash at their end.</param>
    /// <param name="allowFiles">Whether it may name files to send (<c>-d @file</c>, <c>-F f=@file</c>, <c>-T</c>), read now. The default value is false: refused.</param>
    /// <param name="notes">Takes a sentence about each option that was left out, since it is about what curl shows or stores; null drops them.</param>
    /// <exception cref="FormatException">The line is not understood; the message names the option or the place. Values are not quoted in it.</exception>
    public static Request FromCurl(string commandLine, bool allowFiles = false, ICollection<string>? notes = null)
    {
        ArgumentNullException.ThrowIfNull(commandLine);
        try
        {
            return new CurlLine(allowFiles, notes).Read(commandLine);
        }
        catch (ArgumentException error)
        {
            throw new FormatException($"The command line asks for what cannot be sent: {error.Message}", error);
        }
    }

    /// <summary>Method and URL with secrets masked.</summary>
    public override string ToString() => $"{Method} {Redactor.Redact(Url)}";
}

using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>What is to be explained.</summary>
/// <param name="Text">As it was written, completed.</param>
/// <param name="Endpoint">Host and port.</param>
/// <param name="Url">The URL to ask for; null for a bare host and port.</param>
/// <param name="UsesTls">Whether TLS is spoken.</param>
internal sealed record ExplainTarget(string Text, Endpoint Endpoint, Uri? Url, bool UsesTls)
{
    public static ExplainTarget Parse(string text, bool withTls)
    {
        if (AddressText.TryParseEndpoint(text) is { } endpoint)
            return new ExplainTarget(text, endpoint, null, withTls || endpoint.Port is 443 or 8443 or 465 or 636 or 853 or 993 or 995);
        var complete = TargetUrl.Complete(text);
        if (!Uri.TryCreate(complete, UriKind.Absolute, out var url) || url.Host.Length == 0 || url.Scheme is not ("http" or "https"))
            throw new UsageException($"'{text}' is neither an http or https URL nor HOST:PORT.", text);
        return new ExplainTarget(complete, Endpoint.Of(url), url, url.Scheme == "https");
    }
}

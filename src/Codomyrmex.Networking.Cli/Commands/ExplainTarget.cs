using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Http;

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
        try
        {
            // As a request would read it, and as strictly.
            using var client = new HTTPClient();
            var url = new Uri(client.Prepare(new Request("GET", complete)).Url);
            return new ExplainTarget(complete, Endpoint.Of(url), url, url.Scheme == "https");
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException(RequestReader.WithoutParameter(wrong) + " Or write HOST:PORT.", text);
        }
    }
}

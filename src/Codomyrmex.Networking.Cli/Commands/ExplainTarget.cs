using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>What is to be explained.</summary>
/// <param name="Text">As it was written, completed.</param>
/// <param name="Endpoint">Host and port.</param>
/// <param name="Scheme">What is spoken to it.</param>
/// <param name="UsesTls">Whether TLS is spoken.</param>
internal sealed record ExplainTarget(string Text, Endpoint Endpoint, ExplainScheme Scheme, bool UsesTls)
{
    private const string AskedName = "example.com";

    /// <summary>The URL of a request or a WebSocket; null for others.</summary>
    public Uri? Url { get; init; }

    /// <summary>The user of SSH; null where none is named.</summary>
    public string? User { get; init; }

    /// <summary>The name that a name server is asked for.</summary>
    public string Name { get; init; } = AskedName;

    public static ExplainTarget Parse(string text, bool withTls)
    {
        if (AddressText.TryParseEndpoint(text) is { } endpoint)
            return new ExplainTarget(text, endpoint, ExplainScheme.Bare, withTls || endpoint.Port is 443 or 8443 or 465 or 636 or 853 or 993 or 995);
        var end = text.IndexOf("://", StringComparison.Ordinal);
        var rest = end < 0 ? text : text[(end + 3)..];
        return (end < 0 ? "" : text[..end].ToLowerInvariant()) switch
        {
            "ssh" => Shell(text, rest, ExplainScheme.Ssh),
            "sftp" => Shell(text, rest, ExplainScheme.Sftp),
            "tcp" => new ExplainTarget(text, PortOf(text, rest), ExplainScheme.Tcp, withTls),
            "tls" => new ExplainTarget(text, PortOf(text, rest), ExplainScheme.Bare, UsesTls: true),
            "dns" => NameServer(text, rest),
            "udp" when PortOf(text, rest).Port == 53 => NameServer(text, rest),
            "udp" => throw new UsageException("of what goes over UDP, only name servers can be explained: dns://SERVER[:PORT][/NAME].", text),
            "ws" or "wss" => Web(text, text, ExplainScheme.WebSocket),
            _ => Web(TargetUrl.Complete(text), text, ExplainScheme.Http),
        };
    }

    // As a request would read it, and as strictly.
    private static ExplainTarget Web(string complete, string written, ExplainScheme scheme)
    {
        try
        {
            using var client = new HTTPClient();
            var asHttp = scheme == ExplainScheme.WebSocket ? string.Concat("http", complete.AsSpan(2)) : complete;
            var url = new Uri(client.Prepare(new Request("GET", asHttp)).Url);
            var shown = scheme == ExplainScheme.WebSocket ? new Uri(string.Concat("ws", url.AbsoluteUri.AsSpan(4))) : url;
            return new ExplainTarget(complete, Endpoint.Of(url), scheme, url.Scheme == "https") { Url = shown };
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException(RequestReader.WithoutParameter(wrong) + " Or write HOST:PORT.", written);
        }
    }

    private static ExplainTarget Shell(string text, string rest, ExplainScheme scheme)
    {
        try
        {
            var target = SshTarget.Parse(rest.TrimEnd('/'));
            return new ExplainTarget(text, new Endpoint(target.Host, target.Port ?? 22), scheme, UsesTls: false) { User = target.User };
        }
        catch (FormatException wrong)
        {
            throw new UsageException(wrong.Message, text);
        }
    }

    private static ExplainTarget NameServer(string text, string rest)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        try
        {
            var server = AddressText.ParseServer(slash < 0 ? rest : rest[..slash]);
            var name = slash < 0 ? "" : rest[(slash + 1)..];
            return new ExplainTarget(text, Endpoint.Of(server), ExplainScheme.Dns, UsesTls: false) { Name = name.Length == 0 ? AskedName : name };
        }
        catch (FormatException wrong)
        {
            throw new UsageException(wrong.Message, text);
        }
    }

    private static Endpoint PortOf(string text, string rest) =>
        TcpCommand.Target(text, _ => AddressText.ParseEndpoint(rest.TrimEnd('/')));
}

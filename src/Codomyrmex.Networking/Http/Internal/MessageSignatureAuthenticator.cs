using System.Security.Cryptography;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Signs messages by RFC 9421; with the name of an agent, as Web Bot Auth does.</summary>
internal sealed class MessageSignatureAuthenticator : Authenticator
{
    private const string ContentDigest = "content-digest";
    private readonly MessageSignatureOptions _options;
    private readonly string? _agent;
    private readonly SignatureComponent[] _components;

    public MessageSignatureAuthenticator(MessageSignatureOptions options)
    {
        _options = options;
        _components = [.. options.Components.Select(text => SignatureComponent.Parse(text, nameof(options)))];
    }

    public MessageSignatureAuthenticator(WebBotAuthOptions options)
    {
        _options = new MessageSignatureOptions { Key = options.Key, Lifetime = options.Lifetime, Tag = "web-bot-auth", Components = [] };
        _agent = StructuredText.String(options.SignatureAgent, nameof(options));
        // The member of the dictionary, not the whole field: another signature may bring an agent of its own.
        _components = [new SignatureComponent("@authority", ""), new SignatureComponent("signature-agent", $";key=\"{_options.Label}\"")];
    }

    public override bool CoversMessage => true;

    public override async ValueTask<object?> PrepareAsync(RequestToSign request, CancellationToken cancellationToken)
    {
        if (_agent is not null)
            request.SetHeader("Signature-Agent", $"{_options.Label}={_agent}");
        var components = request.BodyLength == 0 ? Array.FindAll(_components, component => component.Name != ContentDigest) : _components;
        if (Array.Exists(components, component => component.Name == ContentDigest) && request.GetHeader(ContentDigest) is null)
        {
            var digest = await request.HashBodyAsync(HashAlgorithmName.SHA256, cancellationToken).ConfigureAwait(false);
            request.SetHeader("Content-Digest", $"sha-256={StructuredText.Bytes(digest)}");
        }
        var created = request.Now;
        var parameters = SignatureBase.Parameters(components, created, created + _options.Lifetime, _options.Nonce ? RandomText.Hex(16) : null, _options.Key.KeyId, _options.Tag);
        var text = SignatureBase.Build(components, parameters, component => Value(request, component));
        request.SetHeader("Signature-Input", $"{_options.Label}={parameters}");
        request.SetHeader("Signature", $"{_options.Label}={StructuredText.Bytes(_options.Key.Sign(text))}");
        return null;
    }

    private string Value(RequestToSign request, SignatureComponent component)
    {
        var url = request.Url;
        return component.Name switch
        {
            "@method" => request.Method,
            "@target-uri" => $"{url.Scheme}://{Authority(request)}{url.PathAndQuery}",
            "@authority" => Authority(request),
            "@scheme" => url.Scheme,
            "@request-target" => url.PathAndQuery,
            "@path" => url.AbsolutePath,
            "@query" => url.Query.Length == 0 ? "?" : url.Query,
            "@query-param" => SignatureBase.QueryParameter(url.Query.TrimStart('?'), component.QueryParameter!),
            "signature-agent" when _agent is not null => _agent,
            var field => request.GetHeader(field)?.Trim(),
        } ?? throw AuthenticationFailure.Of($"The signature of a request to {request.Endpoint} covers {component.Identifier}, which the request does not have once.", request.Endpoint);
    }

    // RFC 9421, section 2.2.3: lower case, without the scheme's own port.
    private static string Authority(RequestToSign request)
    {
        var host = request.Host.ToLowerInvariant();
        var port = request.Url.Scheme == "https" ? ":443" : ":80";
        return host.EndsWith(port, StringComparison.Ordinal) ? host[..^port.Length] : host;
    }
}

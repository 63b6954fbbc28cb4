using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>An HTTP proxy: CONNECT, and requests in absolute form, one a connection.</summary>
internal static class HttpProxySession
{
    public static async Task RunAsync(ProxyClient client)
    {
        var parser = new HeadParser(8192, 32768, 100);
        parser.Reset();
        HeadResult result;
        while ((result = parser.Parse(client.Unread)) == HeadResult.Incomplete)
        {
            if (!await client.FillAsync().ConfigureAwait(false))
                return;
        }
        if (result == HeadResult.Refused)
        {
            await RefuseAsync(client, parser.Status).ConfigureAwait(false);
            return;
        }
        var head = new RequestHead(parser, client.Unread);
        client.Skip(parser.Length);
        if (Read(client, head) is { } request)
            await ServeAsync(client, head, request).ConfigureAwait(false);
        else
            await RefuseAsync(client, 400).ConfigureAwait(false);
    }

    private static async Task ServeAsync(ProxyClient client, RequestHead head, ProxiedRequest request)
    {
        var decision = client.Proxy.Decide(request);
        if (await client.PlayAsync(decision, Answer(decision.Status)).ConfigureAwait(false))
            return;
        if (await client.ConnectAsync(request.Host, request.Port).ConfigureAwait(false) is not { } upstream)
        {
            await RefuseAsync(client, client.Proxy.Resolve(request.Host) is null ? 403 : 502).ConfigureAwait(false);
            return;
        }
        if (request.Protocol == ProxyProtocol.HttpConnect)
        {
            await client.SendAsync("HTTP/1.1 200 Connection Established\r\n\r\n"u8.ToArray()).ConfigureAwait(false);
            await client.RelayAsync(upstream, oneAnswer: false).ConfigureAwait(false);
            return;
        }
        await upstream.SendAsync(Encoding.Latin1.GetBytes(Onward(head))).ConfigureAwait(false);
        await client.RelayAsync(upstream, oneAnswer: true).ConfigureAwait(false);
    }

    private static ProxiedRequest? Read(ProxyClient client, RequestHead head)
    {
        var connect = head.Method == "CONNECT";
        if (!Uri.TryCreate(connect ? "http://" + head.Target : head.Target, UriKind.Absolute, out var uri) || uri.Scheme != "http")
            return null;
        var (user, password) = Credentials(head.Headers["Proxy-Authorization"]);
        var options = client.Proxy.Options;
        return new ProxiedRequest
        {
            Protocol = connect ? ProxyProtocol.HttpConnect : ProxyProtocol.HttpForward,
            Host = uri.Host,
            Port = uri.Port,
            User = user,
            Password = password,
            Headers = head.Headers,
            ConnectionNumber = client.Number,
            IsAuthenticated = options.User is null || (user == options.User && password == (options.Password ?? string.Empty)),
        };
    }

    private static (string? User, string? Password) Credentials(string? field)
    {
        if (field is null || !field.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            return (null, null);
        var bytes = new byte[field.Length];
        if (!Convert.TryFromBase64String(field[6..].Trim(), bytes, out var length))
            return (null, null);
        var text = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (text, null) : (text[..colon], text[(colon + 1)..]);
    }

    /// <summary>The head in origin form, without what was meant for the proxy.</summary>
    private static string Onward(RequestHead head)
    {
        var uri = new Uri(head.Target);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{head.Method} {uri.PathAndQuery} HTTP/1.1\r\n");
        foreach (var (name, value) in head.Headers)
        {
            if (!name.StartsWith("Proxy-", StringComparison.OrdinalIgnoreCase) && !name.Equals("Connection", StringComparison.OrdinalIgnoreCase))
                text.Append(name).Append(": ").Append(value).Append("\r\n");
        }
        return text.Append("Via: 1.1 codomyrmex-lab\r\nConnection: close\r\n\r\n").ToString();
    }

    private static ValueTask<bool> RefuseAsync(ProxyClient client, int status) => client.PlayAsync(ProxyDecision.Refuse(status), Answer(status));

    private static byte[] Answer(int status) => Encoding.Latin1.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"HTTP/1.1 {status} {StatusText.Of(status)}\r\nContent-Length: 0\r\nConnection: close\r\n{(status == 407 ? "Proxy-Authenticate: Basic realm=\"proxy\"\r\n" : "")}\r\n"));
}

using System.Globalization;
using System.Net.Sockets;
using System.Net;
using System.Text;
using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Asks a proxy, over a connection that is already open, to connect to a target. Afterwards the stream is the tunnel.</summary>
internal static class ProxyTunnel
{
    /// <summary>Interim answers (1xx) tolerated before the final one; they say nothing about a tunnel.</summary>
    private const int MaxInterimAnswers = 8;

    /// <summary>Negotiates the tunnel. On failure the stream is in no usable state; the caller closes it.</summary>
    /// <param name="stream">The connection to the proxy; to an <see cref="ProxyKind.Https"/> proxy, after its TLS handshake.</param>
    /// <param name="proxy">The proxy.</param>
    /// <param name="target">Whom to reach. It is the <see cref="NetworkException.Endpoint"/> of every error; messages name the proxy.</param>
    /// <param name="address">
    /// The target's address that the egress policy has checked, or null to let the proxy resolve the name. <see cref="ProxyKind.Socks5"/>
    /// needs it; the HTTP kinds and <see cref="ProxyKind.Socks4a"/> send it instead of the name; <see cref="ProxyKind.Socks5h"/> always
    /// sends the name.
    /// </param>
    /// <param name="cancellationToken">Cancels the negotiation.</param>
    /// <exception cref="ProxyException">
    /// <c>proxy.refused</c>: the proxy said no, closed without a byte of an answer, broke the connection, or cannot be asked for this
    /// target in its protocol. <c>proxy.authentication</c>: it wants other credentials. <c>proxy.protocol</c>: its answer is malformed,
    /// too long, or ends early. No byte of the caller's own data has been sent.
    /// </exception>
    public static async ValueTask OpenAsync(
        Stream stream, ProxyOptions proxy, Endpoint target, IPAddress? address, CancellationToken cancellationToken)
    {
        var sent = AddressToSend(target.Host, proxy.Kind == ProxyKind.Socks5h ? null : address);
        if (proxy.Kind == ProxyKind.Socks5 && sent is null)
            throw new ArgumentException("A SOCKS5 proxy whose targets are resolved here needs the target's address.", nameof(address));
        var exchange = new ProxyExchange(stream, cancellationToken);
        try
        {
            await (proxy.Kind switch
            {
                ProxyKind.Socks5 or ProxyKind.Socks5h => OpenSocks5Async(exchange, proxy, target, sent),
                ProxyKind.Socks4a => OpenSocks4Async(exchange, proxy, target, sent),
                _ => OpenHttpAsync(exchange, proxy, target, sent),
            }).ConfigureAwait(false);
        }
        catch (FormatException malformed)
        {
            throw Failure(ErrorCodes.ProxyProtocol, proxy, target, malformed.Message).ToException();
        }
        catch (EndOfStreamException) when (exchange.HasAnswered)
        {
            throw Failure(ErrorCodes.ProxyProtocol, proxy, target, "it closed the connection in the middle of its answer").ToException();
        }
        catch (EndOfStreamException)
        {
            // Nothing malformed was sent: proxies that drop a client by rule, or are overloaded, do just this.
            throw Failure(ErrorCodes.ProxyRefused, proxy, target, "it closed the connection without an answer").ToException();
        }
        catch (Exception broken) when (broken is IOException or SocketException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Failure(ErrorCodes.ProxyRefused, proxy, target, "it broke the connection").ToException(broken);
        }
    }

    /// <summary>
    /// The address as another machine should see it, without the zone and IPv4 where it is an IPv4-mapped one; null to send the name.
    /// </summary>
    private static IPAddress? AddressToSend(string host, IPAddress? address)
    {
        if (address is not null)
            return IPBits.From(address).Unmapped.ToAddress();
        var text = HostText.ParseStrict(host);
        return text.IsAddress ? text.Address.Unmapped.ToAddress() : null;
    }

    /// <summary>The value of Proxy-Authorization (RFC 7617), user and password in UTF-8; null without a user.</summary>
    public static string? BasicCredentials(ProxyOptions proxy) =>
        proxy.User is null ? null : "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(proxy.User + ":" + proxy.Password));

    private static async ValueTask OpenHttpAsync(ProxyExchange exchange, ProxyOptions proxy, Endpoint target, IPAddress? address)
    {
        var authority = address is null ? target : new Endpoint(address.ToString(), target.Port);
        await exchange.SendAsync(Write(proxy, target, () => HttpConnect.Request(authority, BasicCredentials(proxy)))).ConfigureAwait(false);
        for (var interim = 0; ; interim++)
        {
            var reply = HttpConnect.Parse((await exchange.ReceiveAsync(HttpConnect.Missing).ConfigureAwait(false)).Span);
            // RFC 9110, section 9.3.6: any 2xx opens the tunnel, and Content-Length or Transfer-Encoding in it mean nothing.
            if (reply.Status is >= 200 and < 300)
                return;
            if (reply.Status >= 300)
                throw Refusal(proxy, target, reply).ToException();
            // RFC 9110, section 15.2: interim answers are skipped, but a protocol switch nobody asked for is none.
            if (reply.Status == 101 || interim == MaxInterimAnswers)
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"it answered {reply.Status} instead of a final status"));
        }
    }

    private static async ValueTask OpenSocks5Async(ProxyExchange exchange, ProxyOptions proxy, Endpoint target, IPAddress? address)
    {
        // Both requests are written before the first is sent, so that a value that cannot be sent costs no half negotiation.
        var credentials = proxy.User is null ? null : Write(proxy, target, () => Socks5.Credentials(proxy.User, proxy.Password ?? ""));
        var connect = Write(proxy, target,
            () => address is null ? Socks5.Connect(target.Host, target.Port) : Socks5.Connect(address, target.Port));

        await exchange.SendAsync(Socks5.Greeting(credentials is not null)).ConfigureAwait(false);
        var answer = await exchange.ReceiveAsync(Socks5.MissingFromMethod).ConfigureAwait(false);
        var method = Socks5.ReadMethod(answer.Span, credentials is not null);
        if (method == Socks5.NoAcceptableMethod)
        {
            throw Failure(ErrorCodes.ProxyAuthentication, proxy, target, credentials is null
                ? "it does not accept clients without credentials"
                : "it accepts neither user and password nor clients without them").ToException();
        }
        if (method == Socks5.UsernamePassword)
        {
            await exchange.SendAsync(credentials!).ConfigureAwait(false);
            answer = await exchange.ReceiveAsync(Socks5.MissingFromCredentialsReply).ConfigureAwait(false);
            if (!Socks5.ReadCredentialsReply(answer.Span))
                throw Failure(ErrorCodes.ProxyAuthentication, proxy, target, "it rejected the user and password").ToException();
        }
        await exchange.SendAsync(connect).ConfigureAwait(false);
        answer = await exchange.ReceiveAsync(Socks5.MissingFromReply).ConfigureAwait(false);
        var code = Socks5.ReadReply(answer.Span).Code;
        if (code == Socks5ReplyCode.Succeeded)
            return;
        var failure = Failure(ErrorCodes.ProxyRefused, proxy, target, Socks5.Describe(code));
        // A rule and a missing ability stay; an unreachable or overloaded target may come back.
        throw (failure with
        {
            BlamesProxy = false,
            TargetRefused = code == Socks5ReplyCode.ConnectionRefused,
            IsTransient = code is not (Socks5ReplyCode.NotAllowed or Socks5ReplyCode.CommandNotSupported or Socks5ReplyCode.AddressTypeNotSupported),
        }).ToException();
    }

    private static async ValueTask OpenSocks4Async(ProxyExchange exchange, ProxyOptions proxy, Endpoint target, IPAddress? address)
    {
        await exchange.SendAsync(Write(proxy, target, () => address is null
            ? Socks4a.Connect(target.Host, target.Port, proxy.User)
            : Socks4a.Connect(address, target.Port, proxy.User))).ConfigureAwait(false);
        var answer = await exchange.ReceiveAsync(Socks4a.MissingFromReply).ConfigureAwait(false);
        var code = Socks4a.ReadReply(answer.Span);
        if (code == Socks4aReplyCode.Granted)
            return;
        var failed = code == Socks4aReplyCode.Rejected ? ErrorCodes.ProxyRefused : ErrorCodes.ProxyAuthentication;
        throw (Failure(failed, proxy, target, Socks4a.Describe(code)) with { BlamesProxy = code != Socks4aReplyCode.Rejected }).ToException();
    }

    /// <summary>A target or credential that the protocol cannot carry is the proxy's limit: an error of the network family, and a lasting one.</summary>
    private static byte[] Write(ProxyOptions proxy, Endpoint target, Func<byte[]> request)
    {
        try
        {
            return request();
        }
        catch (ArgumentException impossible)
        {
            var reason = "it cannot be asked: " + WithoutParameterName(impossible);
            throw (Failure(ErrorCodes.ProxyRefused, proxy, target, reason) with { IsTransient = false, BlamesProxy = false }).ToException();
        }
    }

    private static string WithoutParameterName(ArgumentException exception)
    {
        var end = exception.Message.IndexOf(" (Parameter", StringComparison.Ordinal);
        return (end < 0 ? exception.Message : exception.Message[..end]).TrimEnd('.');
    }

    private static NetworkFailure Refusal(ProxyOptions proxy, Endpoint target, HttpConnectReply reply)
    {
        var reason = WithoutSecrets(proxy, reply.Reason);
        var text = string.Create(CultureInfo.InvariantCulture, $"status {reply.Status} {Printable.Text(reason)}").TrimEnd();
        if (reply.Status == 407)
        {
            if (reply.Schemes.Count > 0)
                text += "; it takes " + Printable.Text(WithoutSecrets(proxy, string.Join(", ", reply.Schemes)));
            return Failure(ErrorCodes.ProxyAuthentication, proxy, target, text);
        }
        return Failure(ErrorCodes.ProxyRefused, proxy, target, text) with
        {
            BlamesProxy = false,
            // 408, 425, 429 and most of 5xx speak of now; the others of a rule or of a request that stays wrong.
            IsTransient = reply.Status is 408 or 425 or 429 or (>= 500 and not (501 or 505 or 511)),
            RetryAfter = reply.RetryAfter,
        };
    }

    /// <summary>A proxy may repeat in its answer what it was sent.</summary>
    private static string WithoutSecrets(ProxyOptions proxy, string text)
    {
        var repeats = proxy.Password is { Length: > 0 } password && text.Contains(password, StringComparison.OrdinalIgnoreCase);
        repeats = repeats || (BasicCredentials(proxy) is { } basic && text.Contains(basic["Basic ".Length..], StringComparison.OrdinalIgnoreCase));
        return repeats ? Redactor.Mask : text;
    }

    private static NetworkFailure Failure(string code, ProxyOptions proxy, Endpoint target, string reason) => new()
    {
        Code = code,
        Message = $"Proxy {proxy} opened no tunnel to {Printable.Text(target.ToString())}: {reason}.",
        Phase = NetworkPhase.Proxy,
        Endpoint = target,
        WasSent = WasSent.Never,
        // Unless it says that the target is the reason.
        BlamesProxy = true,
    };
}

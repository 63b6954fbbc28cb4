using System.Diagnostics;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Codomyrmex.Networking.Execution.Internal;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport.Internal;
using Codomyrmex.Networking.WebSockets.Protocol;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>Opens one connection: dials, shakes hands, follows redirects (RFC 6455, section 4).</summary>
internal sealed partial class HandshakeExchange : Exchange<Handshaken>
{
    private const int BodyExcerpt = 4 * 1024;
    private static readonly SslApplicationProtocol[] Http11 = [SslApplicationProtocol.Http11];

    private Endpoint? _asked;
    private DialTrace? _trace;
    private NetworkPhase _phase;
    private WasSent _sent;

    public required WebSocketUrl Url { get; init; }

    public required WebSocketOptions Options { get; init; }

    public required Dialer Dialer { get; init; }

    /// <summary>Connections in a row that failed before this one.</summary>
    public int Failures { get; set; }

    public override string Name => "WebSocket connect";

    public override Endpoint Endpoint => _asked ?? Url.Endpoint;

    public override TimeProvider Clock => Options.Clock;

    public override ILogger? Logger => Options.Logger;

    public override RetryOptions Retry => Options.Retry;

    public override RetryBudget? Budget => null;

    public override PolicyDecision CheckPolicy() => Options.Transport.Policy.CheckTarget(Url.Scheme, Url.Endpoint.Host, Url.Endpoint.Port);

    public override async ValueTask<Handshaken> AttemptAsync(PhaseTimer timer)
    {
        (_trace, _phase, _sent, _digest) = (null, NetworkPhase.Prepare, WasSent.Never, null);
        var (url, fields) = (Url, Options.Headers);
        if (Options.Prepare is { } prepare)
        {
            var request = await prepare(new WebSocketRequest { Url = Url.ToString(), Headers = fields, Failures = Failures++ }, timer.Token).ConfigureAwait(false);
            url = WebSocketUrl.Parse(request.Url, nameof(WebSocketOptions.Prepare));
            fields = WebSocketOptions.Checked(request.Headers, nameof(WebSocketOptions.Prepare));
        }
        var asked = url;
        for (var followed = 0; ; followed++)
        {
            var (done, location) = await AskAndProveAsync(url, Fields(url, fields, asked), url.Origin == asked.Origin, timer).ConfigureAwait(false);
            if (done is not null)
                return done;
            if (followed == Options.RedirectLimit)
                throw Redirected(url, $"once more after {followed} redirects (WebSocketOptions.RedirectLimit)", ErrorCodes.HttpTooManyRedirects);
            var next = url.ReadRedirect(location!, out var problem) ?? throw Redirected(url, $"to '{RequestUrl.Shown(location!)}', which {problem}", ErrorCodes.HttpRedirectRefused);
            if (url.IsSecure && !next.IsSecure)
                throw Redirected(url, $"from wss to ws ({next.Endpoint})", ErrorCodes.HttpRedirectRefused);
            PolicyGate.Demand(Options.Transport.Policy.CheckTarget(next.Scheme, next.Endpoint.Host, next.Endpoint.Port), next.Endpoint);
            url = next;
        }
    }

    /// <summary>Connects to a URL and asks for the upgrade.</summary>
    /// <returns>The connection, or where a redirect leads.</returns>
    private async ValueTask<(Handshaken? Done, string? Location)> AskAsync(WebSocketUrl url, HeaderMap fields, PhaseTimer timer)
    {
        if (AsksOverHttp2(url) && await AskOverHttp2Async(url, fields, timer).ConfigureAwait(false) is var (stream2, moved) && (stream2 is not null || moved is not null))
            return (stream2, moved);
        var started = Clock.GetTimestamp();
        _phase = NetworkPhase.Connect;
        _asked = url.Endpoint;
        timer.Arm(Timeout.InfiniteTimeSpan, ErrorCodes.TimeoutTotal);
        var trace = _trace = new DialTrace(url.Endpoint, Clock);
        var stream = await Dialer.DialAsync(new DialTarget(url.Endpoint, url.Scheme, url.IsSecure, Http11), Options.Timeouts, trace, timer.Token).ConfigureAwait(false);
        try
        {
            _phase = NetworkPhase.Handshake;
            AddProof("GET", url, fields);
            var key = Upgrade.NewKey();
            var offer = Options.Compression is { } compression ? new DeflateTerms(compression.ServerKeepsContext, compression.ClientKeepsContext) : null;
            _sent = WasSent.Maybe;
            timer.Arm(Options.Timeouts.FirstByte, ErrorCodes.TimeoutFirstByte);
            await stream.WriteAsync(Upgrade.Request(url.Target, url.Authority, key, fields, Options.Subprotocols, offer?.ToString()), timer.Token).ConfigureAwait(false);
            await stream.FlushAsync(timer.Token).ConfigureAwait(false);
            var (head, rest) = await ReadHeadAsync(stream, timer).ConfigureAwait(false);
            _sent = WasSent.Yes;
            if (head.Status is 301 or 302 or 303 or 307 or 308 && Options.RedirectLimit > 0 && head.Fields["Location"] is { } location)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
                return (null, location);
            }
            if (head.Status != 101)
                throw Refused(url, head.Status, head.Reason, head.Fields, await ReadBodyAsync(head, stream, rest, timer).ConfigureAwait(false));
            var (subprotocol, terms) = Upgrade.Judge(head, key, Options.Subprotocols, offer);
            return (new Handshaken
            {
                Url = url,
                Stream = stream,
                Received = rest,
                Fields = head.Fields,
                Subprotocol = subprotocol,
                Compression = terms,
                Took = Clock.GetElapsedTime(started),
                Layers = trace.Layers,
            }, null);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async ValueTask<(HttpHead Head, ReadOnlyMemory<byte> Behind)> ReadHeadAsync(Stream stream, PhaseTimer timer)
    {
        var buffer = new byte[1024];
        for (var count = 0; ;)
        {
            if (count == buffer.Length)
                Array.Resize(ref buffer, Math.Min(buffer.Length * 4, Upgrade.MaxHead));
            var read = await stream.ReadAsync(buffer.AsMemory(count), timer.Token).ConfigureAwait(false);
            if (read == 0)
                throw new EndOfStreamException("The connection ended before the answer was complete.");
            count += read;
            if (Upgrade.HeadLength(buffer.AsSpan(0, count)) is var length and > 0)
                return (HttpHead.Parse(buffer.AsSpan(0, length)), buffer.AsMemory(length, count - length));
        }
    }

    private static WebSocketException Refused(WebSocketUrl url, int status, string reason, HeaderMap fields, string? body)
    {
        return new WebSocketException(new NetworkFailure
        {
            Code = ErrorCodes.WsHandshake,
            Message = $"{url.Endpoint} answered the handshake with status {status} {Printable.Text(reason)}".TrimEnd() + ".",
            Hint = status switch
            {
                401 or 403 => "Send a credential that this server accepts (WebSocketOptions.Headers, WebSocketOptions.Prepare), or another Origin.",
                404 => "Check the path of the URL.",
                426 or 400 or 200 => "The URL may not be one of a WebSocket; the answer's body may say more.",
                _ => null,
            },
            Phase = NetworkPhase.Handshake,
            Endpoint = url.Endpoint,
            WasSent = WasSent.Yes,
            IsTransient = status is 408 or 425 or 429 or 502 or 503 or 504,
            RetryAfter = HttpHead.Seconds(fields["Retry-After"]),
        })
        { Status = status, Headers = fields, BodyExcerpt = body };
    }

    private static async ValueTask<string?> ReadBodyAsync(HttpHead head, Stream stream, ReadOnlyMemory<byte> rest, PhaseTimer timer)
    {
        var isChunked = head.Fields["Transfer-Encoding"] is not null;
        var length = !isChunked && int.TryParse(head.Fields["Content-Length"], out var declared) && declared >= 0 ? Math.Min(declared, BodyExcerpt) : BodyExcerpt;
        var body = new byte[BodyExcerpt];
        var count = Math.Min(rest.Length, length);
        rest[..count].CopyTo(body);
        try
        {
            timer.Arm(TimeSpan.FromSeconds(1), ErrorCodes.TimeoutIdle);
            while (count < length && !(isChunked && body.AsSpan(0, count).EndsWith("0\r\n\r\n"u8)))
            {
                var read = await stream.ReadAsync(body.AsMemory(count, length - count), timer.Token).ConfigureAwait(false);
                if (read == 0)
                    break;
                count += read;
            }
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
        {
            // What has come says what is to be said.
        }
        return Excerpt(isChunked ? Dechunked(body.AsSpan(0, count)) : body.AsSpan(0, count));
    }

    private static string? Excerpt(ReadOnlySpan<byte> body)
    {
        var text = Encoding.UTF8.GetString(body);
        return text.Length == 0 ? null : Printable.Lines(text.AsSpan(0, Math.Min(text.Length, 1_024)));
    }

    // As far as it is there and well formed: it is for people to read.
    private static ReadOnlySpan<byte> Dechunked(ReadOnlySpan<byte> body)
    {
        var data = new List<byte>();
        while (body.IndexOf("\r\n"u8) is var line and > 0)
        {
            var digits = body[..line];
            var end = digits.IndexOf((byte)';');
            if (!int.TryParse(digits[..(end < 0 ? digits.Length : end)], System.Globalization.NumberStyles.AllowHexSpecifier, null, out var size) || size <= 0)
                break;
            body = body[(line + 2)..];
            data.AddRange(body[..Math.Min(size, body.Length)]);
            body = body[Math.Min(body.Length, size + 2)..];
        }
        return data.ToArray();
    }

    // What a URL or the caller's fields know as secret is for the origin that it was meant for.
    private static HeaderMap Fields(WebSocketUrl url, HeaderMap? fields, WebSocketUrl asked)
    {
        var sent = new HeaderMap();
        var reach = url.ReachFrom(asked);
        foreach (var (name, value) in fields ?? [])
        {
            if (reach.Goes(name, value, []))
                sent.Add(name, value);
        }
        if (reach == FieldReach.Origin && asked.Login is var (user, password) && !sent.Contains("Authorization"))
            sent["Authorization"] = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        return sent;
    }

    private static HTTPException Redirected(WebSocketUrl from, string where, string code) => new(new NetworkFailure
    {
        Code = code,
        Message = $"{from.Endpoint} redirects the handshake {where}.",
        Phase = NetworkPhase.Handshake,
        Endpoint = from.Endpoint,
        WasSent = WasSent.Yes,
    });

    // The handshake is a GET: however far it came, a repeat does no harm.
    public override bool CanRepeat(WasSent wasSent) => true;

    public override NetworkException? Explain(Exception error, PhaseTimer timer)
    {
        if (ErrorMap.Ours(error) is { } ours)
        {
            ours.Complete(ours.Failure with { WasSent = ours.WasSent > _sent ? ours.WasSent : _sent, Attempts = ours.Attempts.Count > 0 ? ours.Attempts : Attempts(ours.Code) });
            return ours;
        }
        return error switch
        {
            OperationCanceledException => timer.HasFired ? Failure(timer.Armed, $"{Endpoint} did not answer the handshake in time.").ToException(error) : null,
            // What a hook of the caller's throws is its own affair.
            _ when _phase == NetworkPhase.Prepare => null,
            FormatException => new WebSocketException(Failure(ErrorCodes.WsHandshake, $"{Endpoint} answered the handshake, but {error.Message}."), error),
            IOException or SocketException or AuthenticationException or HttpRequestException =>
                Failure(ErrorMap.Code(error, inBody: false), $"{Endpoint} ended the connection in the handshake ({error.Message.TrimEnd('.')}).").ToException(error),
            _ => null,
        };
    }

    private NetworkFailure Failure(string code, string message) => new()
    {
        Code = code,
        Message = message,
        Phase = _phase == NetworkPhase.Connect ? _trace?.Phase ?? _phase : _phase,
        Endpoint = Endpoint,
        WasSent = _sent,
        Attempts = Attempts(code),
    };

    private IReadOnlyList<Attempt> Attempts(string code) => _trace is null ? [] :
        _trace.Remote is { } remote ? [new Attempt(remote.ToString()!, Clock.GetElapsedTime(_trace.StartedAt), code)] : _trace.Attempts;

    public override void Describe(Handshaken? result, ref TagList tags)
    {
        tags.Add("url.scheme", Url.Scheme);
        if (result?.Subprotocol is { } subprotocol)
            tags.Add("websocket.subprotocol", subprotocol);
    }
}

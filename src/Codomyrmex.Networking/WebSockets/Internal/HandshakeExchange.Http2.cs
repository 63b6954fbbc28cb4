using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Transport.Internal;
using Codomyrmex.Networking.WebSockets.Protocol;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>The handshake as a stream of an HTTP/2 connection (RFC 8441): an extended CONNECT, and a 2xx for consent.</summary>
internal sealed partial class HandshakeExchange
{
    private bool AsksOverHttp2(WebSocketUrl url) =>
        Options.HttpVersion == WebSocketHttpVersion.Http2 || (Options.HttpVersion == WebSocketHttpVersion.PreferHttp2 && url.IsSecure);

    /// <summary>Asks for a stream.</summary>
    /// <returns>The connection, or where a redirect leads; neither where the server does not offer this and HTTP/1.1 will do.</returns>
    private async ValueTask<(Handshaken? Done, string? Location)> AskOverHttp2Async(WebSocketUrl url, HeaderMap fields, PhaseTimer timer)
    {
        var started = Clock.GetTimestamp();
        _phase = NetworkPhase.Connect;
        _asked = url.Endpoint;
        _trace = null;
        timer.Arm(Timeout.InfiniteTimeSpan, ErrorCodes.TimeoutTotal);
        var offer = Options.Compression is { } compression ? new DeflateTerms(compression.ServerKeepsContext, compression.ClientKeepsContext) : null;
        var wire = Request(url, fields, offer?.ToString(), timer, started);
        var lease = SharedHandlers.Rent(Options.Transport, Upgrade.MaxHead, Clock);
        HttpResponseMessage? answer = null;
        var isTaken = false;
        try
        {
            answer = await lease.Handler.SendAsync(wire, timer.Token).ConfigureAwait(false);
            wire.Received();
            (_phase, _sent) = (NetworkPhase.Handshake, WasSent.Yes);
            var received = Fields(answer);
            var status = (int)answer.StatusCode;
            if (status is 301 or 302 or 303 or 307 or 308 && Options.RedirectLimit > 0 && received["Location"] is { } location)
                return (null, location);
            if (!answer.IsSuccessStatusCode)
                throw Refused(url, status, answer.ReasonPhrase ?? "", received, await ReadExcerptAsync(answer, timer).ConfigureAwait(false));
            var (subprotocol, terms) = Upgrade.JudgeTerms(received, Options.Subprotocols, offer);
            var stream = await answer.Content.ReadAsStreamAsync(timer.Token).ConfigureAwait(false);
            isTaken = true;
            return (new Handshaken
            {
                Url = url,
                Stream = new TunnelStream(stream, answer, wire, lease),
                Received = ReadOnlyMemory<byte>.Empty,
                Fields = received,
                Subprotocol = subprotocol,
                Compression = terms,
                Took = Clock.GetElapsedTime(started),
                IsHttp2 = true,
            }, null);
        }
        catch (HttpRequestException error) when (ErrorMap.Ours(error) is null && IsNotOffered(error))
        {
            if (Options.HttpVersion == WebSocketHttpVersion.PreferHttp2)
                return (null, null);
            throw new WebSocketException(Failure(ErrorCodes.WsHandshake, $"{url.Endpoint} does not offer WebSockets over HTTP/2 (RFC 8441).") with
            {
                Hint = "Speak HTTP/1.1 with this server (WebSocketHttpVersion.Http11, WebSocketHttpVersion.PreferHttp2).",
            }, error);
        }
        finally
        {
            if (!isTaken)
            {
                _trace ??= wire.Dial;
                if (_sent < wire.WasSent)
                    (_sent, _phase) = (wire.WasSent, NetworkPhase.Handshake);
                answer?.Dispose();
                wire.Finish();
                wire.Dispose();
                lease.Dispose();
            }
        }
    }

    private WireRequest Request(WebSocketUrl url, HeaderMap fields, string? extension, PhaseTimer timer, long started)
    {
        var wire = new WireRequest(HttpMethod.Connect, url.Uri, Options.Timeouts, timer, started)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        wire.Headers.Protocol = "websocket";
        wire.Headers.TryAddWithoutValidation("Sec-WebSocket-Version", "13");
        if (Options.Subprotocols.Count > 0)
            wire.Headers.TryAddWithoutValidation("Sec-WebSocket-Protocol", string.Join(", ", Options.Subprotocols));
        if (extension is not null)
            wire.Headers.TryAddWithoutValidation("Sec-WebSocket-Extensions", extension);
        AddProof("CONNECT", url, fields);
        foreach (var (name, value) in fields)
            wire.Headers.TryAddWithoutValidation(name, value);
        return wire;
    }

    private static HeaderMap Fields(HttpResponseMessage answer)
    {
        var fields = new HeaderMap();
        foreach (var (name, values) in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated))
        {
            foreach (var value in values)
                fields.AddReceived(name, value);
        }
        return fields;
    }

    // The setting is absent, or ALPN chose another version.
    private static bool IsNotOffered(HttpRequestException error) =>
        error.HttpRequestError is HttpRequestError.ExtendedConnectNotSupported or HttpRequestError.VersionNegotiationError;

    private static async ValueTask<string?> ReadExcerptAsync(HttpResponseMessage answer, PhaseTimer timer)
    {
        var body = new byte[BodyExcerpt];
        var count = 0;
        try
        {
            timer.Arm(TimeSpan.FromSeconds(1), ErrorCodes.TimeoutIdle);
            var stream = await answer.Content.ReadAsStreamAsync(timer.Token).ConfigureAwait(false);
            while (count < body.Length && await stream.ReadAsync(body.AsMemory(count), timer.Token).ConfigureAwait(false) is > 0 and var read)
                count += read;
        }
        catch (Exception error) when (error is IOException or SocketException or HttpRequestException or OperationCanceledException)
        {
            // What has come says what is to be said.
        }
        return Excerpt(body.AsSpan(0, count));
    }
}

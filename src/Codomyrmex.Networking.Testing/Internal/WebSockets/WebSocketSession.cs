using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Codomyrmex.Networking.Testing.Internal.WebSockets;

/// <summary>One connection of a <see cref="WebSocketServer"/> from its first byte: TLS, the handshake, the handler, the end.</summary>
internal sealed class WebSocketSession(WebSocketServer server, Socket socket, int number, CancellationToken stopping)
{
    private readonly WebSocketServerOptions _options = server.Options;
    private readonly HeadParser _parser = new(8192, 32768, 100);
    private readonly ConnectionBuffers _io = new(socket);

    public async Task RunAsync()
    {
        Stream stream = new NetworkStream(socket, ownsSocket: false);
        try
        {
            if (server.Tls is { } tls)
                _io.Use(stream = await AuthenticateAsync(tls, stream).ConfigureAwait(false));
            await ServeAsync(stream).ConfigureAwait(false);
        }
        catch (AuthenticationException)
        {
            // The client turned our certificate down, often the point of the test, or we turned it down.
            await SocketEnd.LingerAsync(socket, stopping).ConfigureAwait(false);
        }
        finally
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<SslStream> AuthenticateAsync(TlsServer tls, Stream stream) => await tls.AuthenticateAsync(stream, stopping).ConfigureAwait(false);

    private async Task ServeAsync(Stream stream)
    {
        if (await ReadHeadAsync().ConfigureAwait(false) is not { } head)
            return;
        var faults = server.Faults.Every(number, fault => MockPattern.Matches(fault.Path, head.Path));
        var link = new FaultyLink(socket, stream, faults, _options.TimeProvider, stopping);
        await link.BeginAsync(stopping).ConfigureAwait(false);
        var handshake = new WebSocketHandshake(head, number, _io.Unread.Length, HandshakeRules.Problem(head));
        server.Record(handshake);
        var answer = _options.Answer is null ? null : await _options.Answer(handshake, stopping).ConfigureAwait(false);
        answer ??= handshake.Problem is null ? new WebSocketHandshakeAnswer() : Refusal(handshake);
        var deflate = answer.Extensions != "" && _options.Compression is { } wanted ? DeflateAgreement.Choose(handshake.Extensions, wanted) : null;
        var subprotocol = answer.Subprotocol ?? _options.Subprotocols.FirstOrDefault(handshake.Subprotocols.Contains) ?? "";
        var rendered = answer.Raw.IsEmpty ? Render(answer, handshake, subprotocol, deflate) : answer.Raw;
        if (answer.Status != 101 || !answer.Raw.IsEmpty)
        {
            await link.WriteAsync(rendered, stopping).ConfigureAwait(false);
            await EndAsync(link).ConfigureAwait(false);
            return;
        }
        var connection = new WebSocketServerConnection(
            handshake, subprotocol.Length == 0 ? null : subprotocol, deflate, link, _io.Unread.ToArray(), _options);
        // Before the client knows that it is open, so that it is among those whom a test that knows asks about.
        server.Add(connection);
        try
        {
            await link.WriteAsync(rendered, stopping).ConfigureAwait(false);
            await link.OpenAsync(stopping).ConfigureAwait(false);
            await HandleAsync(connection, link).ConfigureAwait(false);
            await EndAsync(link).ConfigureAwait(false);
        }
        finally
        {
            connection.HasEnded();
        }
    }

    private async Task HandleAsync(WebSocketServerConnection connection, FaultyLink link)
    {
        try
        {
            await server.Handler(connection, stopping).ConfigureAwait(false);
            if (link.IgnoresClose && connection.CloseCode is not null)
                await SocketEnd.SwallowAsync(socket, stopping).ConfigureAwait(false);
            else
                await connection.CloseAsync(cancellationToken: stopping).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not (IOException or SocketException or ObjectDisposedException or OperationCanceledException))
        {
            server.RecordFailure(error);
            await connection.CloseAsync(1011, "The handler failed.", stopping).ConfigureAwait(false);
        }
    }

    private async Task<RequestHead?> ReadHeadAsync()
    {
        _parser.Reset();
        HeadResult result;
        while ((result = _parser.Parse(_io.Unread)) == HeadResult.Incomplete)
        {
            if (!await _io.FillAsync(stopping).ConfigureAwait(false))
                return null;
        }
        if (result == HeadResult.Refused)
        {
            await _io.WriteAsync($"HTTP/1.1 {_parser.Status} {StatusText.Of(_parser.Status)}\r\nConnection: close\r\nContent-Length: {_parser.Reason.Length}\r\n\r\n{_parser.Reason}", stopping).ConfigureAwait(false);
            await _io.CloseAsync().ConfigureAwait(false);
            await SocketEnd.LingerAsync(socket, stopping).ConfigureAwait(false);
            return null;
        }
        var head = new RequestHead(_parser, _io.Unread);
        _io.Skip(_parser.Length);
        return head;
    }

    private async Task EndAsync(FaultyLink link)
    {
        await link.EndAsync().ConfigureAwait(false);
        await SocketEnd.LingerAsync(socket, stopping).ConfigureAwait(false);
    }

    private static WebSocketHandshakeAnswer Refusal(WebSocketHandshake handshake)
    {
        if (handshake.Headers["Sec-WebSocket-Version"] is { } version && version != "13")
            return WebSocketHandshakeAnswer.Refuse(426, handshake.Problem + "\n", new KeyValuePair<string, string>("Sec-WebSocket-Version", "13"));
        return WebSocketHandshakeAnswer.Refuse(400, handshake.Problem + "\n");
    }

    private static byte[] Render(WebSocketHandshakeAnswer answer, WebSocketHandshake handshake, string subprotocol, DeflateAgreement? deflate)
    {
        List<(string Name, string Value)> fields = [];
        if (answer.Status == 101)
        {
            fields.AddRange([("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", answer.Accept ?? HandshakeRules.Accept(handshake.Key ?? ""))]);
            if (subprotocol.Length > 0)
                fields.Add(("Sec-WebSocket-Protocol", subprotocol));
            if ((answer.Extensions ?? deflate?.Answer) is { Length: > 0 } extensions)
                fields.Add(("Sec-WebSocket-Extensions", extensions));
        }
        else
        {
            fields.AddRange([("Connection", "close"), ("Content-Length", answer.Body.Length.ToString(CultureInfo.InvariantCulture))]);
        }
        fields.RemoveAll(field => answer.Without.Contains(field.Name, StringComparer.OrdinalIgnoreCase));
        fields.AddRange(answer.Headers.Select(static field => (field.Key, field.Value)));
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {answer.Status} {StatusText.Of(answer.Status)}\r\n");
        foreach (var (name, value) in fields)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        head.Append("\r\n");
        return [.. answer.Before.Span, .. Encoding.Latin1.GetBytes(head.ToString()), .. answer.Body.Span, .. answer.Behind.Span];
    }
}

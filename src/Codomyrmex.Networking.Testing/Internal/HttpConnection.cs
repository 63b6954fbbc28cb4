using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>One connection: reads requests out of one buffer, answers them in order, and gathers answers to pipelined requests.</summary>
internal sealed class HttpConnection(LoopbackServer server, Socket socket, int number, CancellationToken stopping)
{
    private const int MaxDrained = 1 << 20;

    private readonly HeadParser _parser = new(server.Options.MaxRequestLineBytes, server.Options.MaxHeadBytes, server.Options.MaxHeaderFields);
    private readonly ConnectionBuffers _io = new(socket);

    public LoopbackServer Server => server;

    public int Number => number;

    public CancellationToken Stopping => stopping;

    public Socket Socket => socket;

    public ConnectionBuffers Io => _io;

    public SslStream? Tls { get; private set; }

    public async Task RunAsync()
    {
        var fault = server.Faults.First(number, static fault => fault.AtConnection);
        if (fault is { Kind: not FaultKind.Certificate })
            await PlayAsync(fault).ConfigureAwait(false);
        if (server.Tls is { } tls && !await AuthenticateAsync(fault is { Kind: FaultKind.Certificate } ? fault.Tls : tls).ConfigureAwait(false))
            return;
        try
        {
            await ServeAllAsync().ConfigureAwait(false);
        }
        finally
        {
            if (Tls is not null)
                await Tls.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Does what a fault says. Returns where the connection goes on after it, and throws where it does not.</summary>
    public async Task PlayAsync(Fault fault)
    {
        await _io.FlushAsync(stopping).ConfigureAwait(false);
        switch (fault.Kind)
        {
            case FaultKind.Delay:
                await Task.Delay(fault.Pause, server.Options.TimeProvider, stopping).ConfigureAwait(false);
                return;
            case FaultKind.Stall:
                await SocketEnd.SwallowAsync(socket, stopping).ConfigureAwait(false);
                break;
            case FaultKind.Truncate:
                await LingerAsync().ConfigureAwait(false);
                break;
            case FaultKind.Garbage or FaultKind.Corrupt:
                // After the client's first words: an answer, though a wrong one.
                await _io.FillAsync(stopping).ConfigureAwait(false);
                await _io.WriteAsync("\u00b7\u00ab\u00abthis is neither TLS nor HTTP\r\n\r\n", stopping).ConfigureAwait(false);
                await LingerAsync().ConfigureAwait(false);
                break;
            default:
                if (socket.ProtocolType == ProtocolType.Tcp)
                    socket.LingerState = new LingerOption(true, 0);
                socket.Close();
                break;
        }
        _io.Break();
        throw new IOException("The server broke the connection off, as it was told to.");
    }

    private async Task ServeAllAsync()
    {
        while (true)
        {
            _parser.Reset();
            HeadResult result;
            while ((result = _parser.Parse(_io.Unread)) == HeadResult.Incomplete)
            {
                if (!await _io.FillAsync().ConfigureAwait(false))
                {
                    await _io.CloseAsync().ConfigureAwait(false);
                    return;
                }
            }
            if (result == HeadResult.Refused)
            {
                await RefuseAsync(_parser.Status, _parser.Reason).ConfigureAwait(false);
                return;
            }
            var route = FindRoute();
            if (route?.Static is { } answer && !_parser.HasBody && _parser.KeepAlive && server.Faults.IsEmpty)
                await AnswerAsync(answer).ConfigureAwait(false);
            else if (!await ServeAsync(route).ConfigureAwait(false))
                return;
        }
    }

    private async Task<bool> AuthenticateAsync(TlsServer tls)
    {
        try
        {
            Tls = await tls.AuthenticateAsync(new NetworkStream(socket, ownsSocket: false), stopping).ConfigureAwait(false);
            _io.Use(Tls);
            return true;
        }
        catch (Exception error) when (error is AuthenticationException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            server.RecordHandshakeFailure();
            await SocketEnd.LingerAsync(socket, stopping).ConfigureAwait(false);
            return false;
        }
    }

    private Route? FindRoute()
    {
        var data = _io.Unread;
        return server.Routes.Find(data.Slice(_parser.Start, _parser.MethodLength), data.Slice(_parser.Target, _parser.PathLength));
    }

    private ValueTask AnswerAsync(StaticResponse answer)
    {
        var data = _io.Unread;
        if (server.Options.RecordedRequests > 0)
            server.Record(new RequestHead(_parser, data), number);
        var isHead = data.Slice(_parser.Start, _parser.MethodLength).SequenceEqual("HEAD"u8);
        _io.Skip(_parser.Length);
        return _io.WriteAsync(answer, isHead, server.Date);
    }

    /// <summary>Runs a handler; false where the connection is over.</summary>
    private async Task<bool> ServeAsync(Route? route)
    {
        var head = new RequestHead(_parser, _io.Unread);
        if (server.Options.RecordedRequests > 0)
            server.Record(head, number);
        _io.Skip(_parser.Length);
        // Answers to earlier requests must not wait for this handler.
        await _io.FlushAsync().ConfigureAwait(false);
        var body = new RequestBody(this, _parser.IsChunked, _parser.ContentLength, _parser.ExpectsContinue);
        var exchange = new LoopbackExchange(this, head, body, _parser.KeepAlive, _parser.IsVersion10)
        {
            Fault = server.Faults.First(number, fault => fault.IsFor(head.Method, head.Path)),
        };
        Dictionary<string, string>? values = null;
        var allowed = string.Empty;
        route ??= server.Routes.Find(exchange.Method, exchange.Path, out values, out allowed);
        exchange.RouteValues = values;
        try
        {
            await HandleAsync(exchange, route, allowed).ConfigureAwait(false);
            await exchange.CompleteAsync().ConfigureAwait(false);
        }
        catch (BadRequestException error)
        {
            if (exchange.HasStarted)
            {
                exchange.Abort(reset: true);
                return false;
            }
            await RefuseAsync(error.Status, error.Message).ConfigureAwait(false);
            return false;
        }
        catch (Exception) when (_io.IsBroken || stopping.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception error)
        {
            server.RecordFailure(error);
            if (exchange.HasStarted)
            {
                exchange.Abort(reset: true);
                return false;
            }
            exchange.KeepAlive = false;
            await exchange.RespondAsync(500, "The handler failed: " + error.Message + "\n").ConfigureAwait(false);
        }
        if (exchange.IsAborted)
            return false;
        await _io.FlushAsync().ConfigureAwait(false);
        if (exchange.KeepAlive && await DrainAsync(body).ConfigureAwait(false))
            return true;
        await LingerAsync().ConfigureAwait(false);
        return false;
    }

    private static async Task HandleAsync(LoopbackExchange exchange, Route? route, string allowed)
    {
        if (route?.Handler is { } handler)
            await handler(exchange).ConfigureAwait(false);
        else if (route?.Static is { } answer)
            await exchange.RespondAsync(answer.Status, answer.Body, answer.ContentType, answer.Headers).ConfigureAwait(false);
        else if (allowed.Length > 0)
            await exchange.RespondAsync(405, "The path does not take that method.\n", headers: [new("Allow", allowed)]).ConfigureAwait(false);
        else
            await exchange.RespondAsync(404, "Nothing is mapped to that path.\n").ConfigureAwait(false);
        if (!exchange.HasStarted)
            throw new InvalidOperationException("the handler did not answer.");
    }

    /// <summary>Reads what the handler left of the body, so that the next request can follow.</summary>
    private static async Task<bool> DrainAsync(RequestBody body)
    {
        try
        {
            return await body.DrainAsync(MaxDrained).ConfigureAwait(false);
        }
        catch (BadRequestException)
        {
            return false;
        }
    }

    private async Task RefuseAsync(int status, string reason)
    {
        var text = Encoding.Latin1.GetBytes(reason + "\n");
        var answer = new StaticResponse(status, text, "text/plain; charset=utf-8", [new("Connection", "close")]);
        await _io.WriteAsync(answer, false, server.Date).ConfigureAwait(false);
        await LingerAsync().ConfigureAwait(false);
    }

    private async Task LingerAsync()
    {
        await _io.CloseAsync().ConfigureAwait(false);
        await SocketEnd.LingerAsync(socket, stopping).ConfigureAwait(false);
    }
}
